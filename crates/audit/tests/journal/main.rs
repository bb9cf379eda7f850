//! The journal as a whole, on a disk that loses what was not synced.

#[cfg(test)]
mod crash;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod life;
#[cfg(test)]
mod losing;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod pace;
#[cfg(test)]
mod read;
