//! The verifier against the golden journal of every version, and against all that was done to it.

#[cfg(test)]
mod binary;
#[cfg(test)]
mod flips;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod surgery;
