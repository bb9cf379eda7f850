//! The journal as a whole, on a disk that loses what was not synced.

mod crash;
mod fakes;
mod life;
mod oracle;
mod read;
mod tamper;
