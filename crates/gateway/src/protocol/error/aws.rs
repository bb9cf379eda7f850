//! Words of AWS for errors: as answers, and as exceptions of a stream that has begun.
//!
//! Source: Amazon Bedrock's API reference, `Converse`, `ConverseStream` and `InvokeModelWithResponseStream`, errors; AWS
//! restJson1 protocol, operation error serialization.

/// The header that tells an error's type; clients read it before the body.
pub(super) const KIND: &str = "x-amzn-errortype";

/// The type of an error of a status.
pub(super) const fn kind(status: u16) -> &'static str {
    match status {
        401 | 403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 | 504 => "ModelTimeoutException",
        429 => "ThrottlingException",
        424 | 502 => "ModelErrorException",
        503 => "ServiceUnavailableException",
        400..500 => "ValidationException",
        _ => "InternalServerException",
    }
}

/// The exception that an error of this type is in a stream: one of those that its interface has, so that clients raise it.
pub(super) fn exception(kind: &str) -> &'static str {
    match kind {
        "AccessDeniedException" | "ResourceNotFoundException" | "ValidationException" => {
            "validationException"
        }
        "ThrottlingException" => "throttlingException",
        "ServiceUnavailableException" => "serviceUnavailableException",
        "ModelErrorException" | "ModelTimeoutException" => "modelStreamErrorException",
        _ => "internalServerException",
    }
}

/// The status that an exception of a vendor's stream would have had as an answer.
pub(crate) fn fault_status(exception: &[u8]) -> Option<u16> {
    match exception {
        b"validationException" => Some(400),
        b"throttlingException" => Some(429),
        b"modelStreamErrorException" => Some(424),
        b"modelTimeoutException" => Some(408),
        b"serviceUnavailableException" => Some(503),
        b"internalServerException" => Some(500),
        _ => None,
    }
}
