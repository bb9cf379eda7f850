//! AWS Signature Version 4 of a request that is otherwise final.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign as signature};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};
use terms::UtcMillis;

use super::material::AwsKeys;
use crate::TokenError;

/// The name under which Bedrock takes signatures.
const SERVICE: &str = "bedrock";

/// What a signature writes: nothing that came otherwise stays.
const WRITTEN: [HeaderName; 4] = [
    header::AUTHORIZATION,
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-security-token"),
    HeaderName::from_static("x-amz-content-sha256"),
];

/// Signs method, path and query as they stand in the address, every header, host among them, and the body.
pub(super) fn sign(
    request: &mut Request<Bytes>,
    keys: &AwsKeys,
    region: &str,
    now: UtcMillis,
) -> Result<(), TokenError> {
    for name in &WRITTEN {
        request.headers_mut().remove(name);
    }
    let session = keys.session.as_ref().map(|session| session.as_str().to_owned());
    let identity = Credentials::new(keys.id.as_str(), keys.secret.as_str(), session, None, "sealed").into();
    // the path is encoded once more, as every service but S3 computes it
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(SystemTime::UNIX_EPOCH + Duration::from_millis(now.0))
        .settings(SigningSettings::default())
        .build()
        .map_err(|_incomplete| TokenError::Unsigned)?
        .into();
    let written = instructions(request, &params)?;
    for (name, value) in written {
        request.headers_mut().insert(name, value);
    }
    Ok(())
}

fn instructions(
    request: &Request<Bytes>,
    params: &aws_sigv4::http_request::SigningParams<'_>,
) -> Result<Vec<(HeaderName, HeaderValue)>, TokenError> {
    let headers = request
        .headers()
        .iter()
        .map(|(name, value)| Ok((name.as_str(), value.to_str().map_err(|_not_ascii| TokenError::Unsigned)?)))
        .collect::<Result<Vec<_>, TokenError>>()?;
    let uri = request.uri().to_string();
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new(request.method().as_str(), uri, headers.into_iter(), body)
        .map_err(|_unsignable| TokenError::Unsigned)?;
    let (instructions, _) =
        signature(signable, params).map_err(|_unsigned| TokenError::Unsigned)?.into_parts();
    let read = |(name, value): (&str, &str)| {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_bad| TokenError::Unsigned)?;
        let mut value = HeaderValue::from_str(value).map_err(|_bad| TokenError::Unsigned)?;
        value.set_sensitive(true);
        Ok((name, value))
    };
    instructions.headers().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use zeroize::Zeroizing;

    /// Written by `tests/house/signatures.py` with AWS's own client; the whole-house tests see to it that they are.
    const VECTORS: &str = include_str!("../../tests/signatures/botocore.json");

    fn hidden(value: &Value) -> Zeroizing<String> {
        Zeroizing::new(value.as_str().unwrap().to_owned())
    }

    fn request(head: &Value, case: &Value) -> Request<Bytes> {
        let mut request = Request::post(case["url"].as_str().unwrap())
            .body(Bytes::from(case["body"].as_str().unwrap().to_owned()))
            .unwrap();
        for (name, value) in head["headers"].as_object().unwrap() {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().insert(name, value.as_str().unwrap().parse().unwrap());
        }
        request
    }

    #[test]
    fn a_signature_is_the_one_that_the_vendors_own_client_makes() {
        let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        let (head, cases) = vectors.split_first().unwrap();
        assert!(cases.len() > 8);
        for case in cases {
            let session = (!case["session"].is_null()).then(|| hidden(&case["session"]));
            let keys = AwsKeys { id: hidden(&head["id"]), secret: hidden(&head["secret"]), session };
            let mut request = request(head, case);
            // none of ours may stay beside the signature's own
            request.headers_mut().insert("x-amz-security-token", HeaderValue::from_static("forged"));
            request.headers_mut().append(header::AUTHORIZATION, HeaderValue::from_static("Bearer forged"));
            let now = UtcMillis(head["now"].as_u64().unwrap());
            sign(&mut request, &keys, case["region"].as_str().unwrap(), now).unwrap();
            let headers = request.headers();
            assert_eq!(headers[header::AUTHORIZATION], case["authorization"].as_str().unwrap(), "{case}");
            assert_eq!(headers.get_all(header::AUTHORIZATION).iter().count(), 1);
            assert_eq!(headers["x-amz-date"], "20261122T010947Z");
            let token = headers.get("x-amz-security-token").map(|token| token.to_str().unwrap());
            assert_eq!(token, case["session"].as_str());
            assert!(headers[header::AUTHORIZATION].is_sensitive());
        }
    }
}
