//! What was sealed, as each form writes it. Secrets in it are wiped when dropped and never printed.

use rustls::SignatureScheme;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use governance::CredentialForm;

use crate::TokenError;

/// Text that is wiped when dropped.
pub(crate) type Hidden = Zeroizing<String>;

/// More than any file of a vendor holds.
const LONGEST: usize = 16 << 10;

/// Why a credential can't be what its form takes. Holds nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a credential of this form is {expected}")]
pub struct Unreadable {
    expected: &'static str,
}

const fn expected<T>(expected: &'static str) -> Result<T, Unreadable> {
    Err(Unreadable { expected })
}

impl From<Unreadable> for TokenError {
    fn from(_: Unreadable) -> Self {
        Self::Shape
    }
}

/// Whether a credential is what its form takes; `docs/reference/credentials.md` shows each.
pub fn readable(form: CredentialForm, text: &str) -> Result<(), Unreadable> {
    match form {
        CredentialForm::AwsKeys => AwsKeys::read(text).map(drop),
        CredentialForm::EntraClient => EntraClient::read(text).map(drop),
        CredentialForm::GoogleServiceAccount => {
            GoogleAccount::read(text).and_then(|account| account.signer().map(drop))
        }
        form if form.of_platform() => Named::read(text).map(drop),
        _ if (1..=8192).contains(&text.len()) && is_word(text) => Ok(()),
        _ => expected("one word of printable ASCII, as a header carries it"),
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a text can stand in a path as it is.
pub(super) fn is_segment(text: &str, more: &[u8]) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || more.contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(plain) && !text.contains("..") && text != "."
}

pub(super) fn hidden<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hidden, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}

/// Access keys of AWS: what requests are signed with.
pub(crate) struct AwsKeys {
    pub(crate) id: Hidden,
    pub(crate) secret: Hidden,
    pub(crate) session: Option<Hidden>,
}

impl AwsKeys {
    /// Reads the file that AWS tools keep, with one profile.
    pub(crate) fn read(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: &str = "a file of one profile: `aws_access_key_id = …`, `aws_secret_access_key = …` and, \
                                where there is one, `aws_session_token = …`";
        let [mut id, mut secret, mut session, mut profile] = [None, None, None, None];
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            let (place, value) = match line.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
                Some(("aws_access_key_id", value)) => (&mut id, value),
                Some(("aws_secret_access_key", value)) => (&mut secret, value),
                Some(("aws_session_token", value)) => (&mut session, value),
                None if line.starts_with('[') && line.ends_with(']') => (&mut profile, "profile"),
                _ => return expected(EXPECTED),
            };
            // a second profile, or a key given twice, is a mistake
            if !is_word(value) || place.replace(Zeroizing::new(value.to_owned())).is_some() {
                return expected(EXPECTED);
            }
        }
        match (id, secret) {
            (Some(id), Some(secret)) if text.len() <= LONGEST => Ok(Self { id, secret, session }),
            _ => expected(EXPECTED),
        }
    }
}

/// An application that Microsoft Entra knows, with a secret of its own.
#[derive(Deserialize)]
pub(super) struct EntraClient {
    #[serde(alias = "tenantId")]
    pub(super) tenant: String,
    #[serde(alias = "clientId", alias = "appId")]
    pub(super) client_id: String,
    #[serde(alias = "clientSecret", alias = "password", deserialize_with = "hidden")]
    pub(super) client_secret: Hidden,
}

impl EntraClient {
    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        match json::<Self>(text) {
            Some(client)
                if is_segment(&client.tenant, b".")
                    && is_word(&client.client_id)
                    && is_word(&client.client_secret) =>
            {
                Ok(client)
            }
            _ => expected("a JSON object with `tenant`, `client_id` and `client_secret`"),
        }
    }
}

/// A service account of Google with its key, in Google's own file.
#[derive(Deserialize)]
pub(super) struct GoogleAccount {
    r#type: String,
    pub(super) client_email: String,
    pub(super) private_key_id: Option<String>,
    #[serde(deserialize_with = "hidden")]
    private_key: Hidden,
}

impl GoogleAccount {
    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        match json::<Self>(text) {
            Some(account) if account.r#type == "service_account" && is_word(&account.client_email) => {
                Ok(account)
            }
            _ => expected("the JSON key file of a service account"),
        }
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 7518 section 3.3).
    pub(super) fn signer(&self) -> Result<Box<dyn rustls::sign::Signer>, Unreadable> {
        let key = PrivateKeyDer::from_pem_slice(self.private_key.as_bytes()).ok().map(Zeroizing::new);
        key.and_then(|key| rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).ok())
            .and_then(|key| key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]))
            .map_or_else(|| expected("the JSON key file of a service account, with an RSA key"), Ok)
    }
}

/// Which identity of the machine is meant, where it has several.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// The client id of a managed identity, the name of a role, or the address of a service account.
    pub(super) identity: Option<String>,
}

impl Named {
    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        let named = if text.trim().is_empty() { Some(Self::default()) } else { json::<Self>(text) };
        match named {
            Some(named) if named.identity.as_deref().is_none_or(|name| is_segment(name, b"+=,.@")) => {
                Ok(named)
            }
            _ => expected("empty, or a JSON object with `identity`, where the machine has several"),
        }
    }
}

fn json<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    if text.len() > LONGEST { None } else { serde_json::from_str(text).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_keys_are_read_from_a_file_of_one_profile() {
        let keys = AwsKeys::read(
            "# staff\n[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key=abc/+=\n",
        )
        .unwrap();
        assert_eq!((keys.id.as_str(), keys.secret.as_str(), keys.session), ("AKIDEXAMPLE", "abc/+=", None));
        let keys =
            AwsKeys::read("aws_access_key_id=A\r\naws_secret_access_key=b\r\naws_session_token=c==").unwrap();
        assert_eq!(keys.session.as_deref().map(String::as_str), Some("c=="));
        for bad in [
            "",
            "aws_access_key_id=A",
            "aws_access_key_id=\naws_secret_access_key=b",
            "aws_access_key_id=A\naws_secret_access_key=b c",
            "aws_access_key_id=A\naws_secret_access_key=b\nregion=x",
            "[a]\naws_access_key_id=A\naws_secret_access_key=b\n[b]",
            "aws_access_key_id=A\naws_secret_access_key=b\naws_secret_access_key=c",
        ] {
            assert!(AwsKeys::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_client_is_read_as_we_write_it_and_as_azure_does() {
        for good in [
            r#"{"tenant":"contoso.example","client_id":"c","client_secret":"s~e.cret"}"#,
            r#"{"appId":"c","displayName":"x y","password":"s~e.cret","tenant":"72f9-88bf"}"#,
            r#"{"clientId":"c","clientSecret":"s~e.cret","tenantId":"72f9-88bf"}"#,
        ] {
            assert_eq!(EntraClient::read(good).unwrap().client_secret.as_str(), "s~e.cret", "{good}");
        }
        for bad in [
            r#"{"tenant":"../x","client_id":"c","client_secret":"s"}"#,
            r#"{"tenant":"a/b","client_id":"c","client_secret":"s"}"#,
            r#"{"tenant":"a","client_id":"c","client_secret":""}"#,
            r#"{"tenant":"a","client_id":"c"}"#,
            "secret",
        ] {
            assert!(EntraClient::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_does_not_fit_its_form_is_refused_without_being_shown() {
        let account = r#"{"type":"service_account","client_email":"a@b.example","private_key":"s3cret"}"#;
        for (form, text) in [
            (CredentialForm::Bearer, "two words s3cret"),
            (CredentialForm::XGoogApiKey, ""),
            (CredentialForm::AwsKeys, "s3cret"),
            (CredentialForm::EntraClient, r#"{"client_secret":"s3cret"}"#),
            (CredentialForm::GoogleServiceAccount, account),
            (CredentialForm::GoogleServiceAccount, r#"{"type":"authorized_user","private_key":"s3cret"}"#),
            (CredentialForm::EntraInstance, r#"{"client_secret":"s3cret"}"#),
            (CredentialForm::GoogleInstance, r#"{"identity":"../s3cret"}"#),
        ] {
            let error = readable(form, text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{form}");
        }
        assert_eq!(readable(CredentialForm::XGoogApiKey, "AIza-1"), Ok(()));
        for form in CredentialForm::ALL.into_iter().filter(|form| form.of_platform()) {
            assert_eq!(readable(form, ""), Ok(()));
            assert_eq!(readable(form, r#"{"identity":"a-1@b.example"}"#), Ok(()));
        }
    }
}
