//! What can't be scanned: pictures, sound, files, in the request or at an address.
//!
//! Source: Google's reference of the Gemini API, `Blob`, `FileData`, `VideoMetadata`.

use crate::protocol::Feature;
use crate::protocol::shape::Shape;
use Shape::{Any, As, Blob, Flag, Number, Prose, Proto, Tagged, Url, Word};

type Cases = &'static [(&'static [&'static str], Shape)];

/// Bytes in base64. Their type says which feature they use, in either of its spellings; any type that is not listed is
/// a file's.
pub(super) static BLOB: Shape = Tagged("mimeType", TYPES, &Tagged("mime_type", TYPES, &FILE));

static TYPES: Cases = &[
    (
        &[
            "image/png",
            "image/jpeg",
            "image/jpg",
            "image/webp",
            "image/heic",
            "image/heif",
            "image/gif",
            "image/bmp",
        ],
        As(&IMAGE),
    ),
    (
        &[
            "audio/wav",
            "audio/x-wav",
            "audio/mp3",
            "audio/mpeg",
            "audio/aiff",
            "audio/aac",
            "audio/ogg",
            "audio/flac",
            "audio/m4a",
            "audio/mp4",
            "audio/opus",
            "audio/pcm",
            "audio/l16",
            "audio/webm",
        ],
        As(&AUDIO),
    ),
];

static IMAGE: Shape = Flag(
    Feature::Images,
    &Proto(&[("mimeType", Any), ("data", Blob(Feature::Images)), ("displayName", Prose)], &Any),
);

static AUDIO: Shape = Flag(
    Feature::Audio,
    &Proto(&[("mimeType", Any), ("data", Blob(Feature::Audio)), ("displayName", Prose)], &Any),
);

static FILE: Shape = Flag(
    Feature::Files,
    &Proto(&[("mimeType", Any), ("data", Blob(Feature::Files)), ("displayName", Prose)], &Any),
);

/// A file that was sent to the vendor before, or that it is to fetch: which of both only the vendor can tell.
pub(super) static FILE_DATA: Shape = Flag(
    Feature::VendorState,
    &Proto(&[("mimeType", Any), ("fileUri", Url(Feature::Files)), ("displayName", Prose)], &Any),
);

pub(super) static VIDEO: Shape =
    Proto(&[("startOffset", Prose), ("endOffset", Prose), ("fps", Number)], &Any);

pub(super) static MEDIA_RESOLUTION: Shape = Proto(
    &[
        (
            "level",
            Word(&[
                "MEDIA_RESOLUTION_LOW",
                "MEDIA_RESOLUTION_MEDIUM",
                "MEDIA_RESOLUTION_HIGH",
                "MEDIA_RESOLUTION_ULTRA_HIGH",
            ]),
        ),
        ("numTokens", Number),
    ],
    &Any,
);
