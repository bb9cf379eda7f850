//! Makes the text from which the tagger of `deid` learns, and the tagger's weights.

pub mod generate;
#[expect(
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "matrices of fixed sizes, and counts far below what a float holds exactly"
)]
pub mod learn;
#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_precision_loss,
    reason = "spans that the generator and the detector give lie on borders of characters"
)]
pub mod measure;
#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_precision_loss,
    reason = "spans that the reader and the detector give lie on borders of characters"
)]
pub mod measure_health;
#[expect(
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "spans that the generator and the guard give lie on borders of characters"
)]
pub mod streamed;
