//! Vendors' credentials: what was sealed, and how a service takes it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use terms::{Name, SealedValue, ServiceId};

use crate::RegisterKind;
use crate::registers::{Holdings, Register};
use crate::row::{Body, FieldError, sealed};
use crate::value::{Endpoint, InvalidValue, Text};

/// How a service is shown on whose behalf it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CredentialForm {
    /// `Authorization: Bearer …`, with what was sealed
    Bearer,
    /// `x-api-key: …`
    XApiKey,
    /// `api-key: …`
    ApiKey,
    /// `x-goog-api-key: …`
    XGoogApiKey,
    /// each request signed (AWS Signature Version 4) with sealed access keys
    AwsKeys,
    /// the same, with the keys of the machine's role, from the metadata service of EC2
    AwsInstance,
    /// the same, with the keys of the task's or pod's role, from the credentials endpoint of ECS or EKS
    AwsContainer,
    /// a token of Microsoft Entra, got with a sealed client secret
    EntraClient,
    /// the same, got with the machine's managed identity, from the metadata service of Azure
    EntraInstance,
    /// a token of Google, got with the sealed key of a service account
    GoogleServiceAccount,
    /// the same, got with the machine's service account, from the metadata service of Google Cloud
    GoogleInstance,
}

impl CredentialForm {
    /// Every form.
    pub const ALL: [Self; 11] = [
        Self::Bearer,
        Self::XApiKey,
        Self::ApiKey,
        Self::XGoogApiKey,
        Self::AwsKeys,
        Self::AwsInstance,
        Self::AwsContainer,
        Self::EntraClient,
        Self::EntraInstance,
        Self::GoogleServiceAccount,
        Self::GoogleInstance,
    ];

    /// The form as rows and commands write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::XApiKey => "x-api-key",
            Self::ApiKey => "api-key",
            Self::XGoogApiKey => "x-goog-api-key",
            Self::AwsKeys => "aws-keys",
            Self::AwsInstance => "aws-instance",
            Self::AwsContainer => "aws-container",
            Self::EntraClient => "entra-client",
            Self::EntraInstance => "entra-instance",
            Self::GoogleServiceAccount => "google-service-account",
            Self::GoogleInstance => "google-instance",
        }
    }

    /// Whether each request is signed, which takes a region.
    pub const fn signs(self) -> bool {
        matches!(self, Self::AwsKeys | Self::AwsInstance | Self::AwsContainer)
    }

    /// Whether a bearer token is got first.
    pub const fn takes_token(self) -> bool {
        matches!(
            self,
            Self::EntraClient | Self::EntraInstance | Self::GoogleServiceAccount | Self::GoogleInstance
        )
    }

    /// Whether the platform that the house runs on vouches for it: nothing secret is recorded.
    pub const fn of_platform(self) -> bool {
        matches!(self, Self::AwsInstance | Self::AwsContainer | Self::EntraInstance | Self::GoogleInstance)
    }
}

impl fmt::Display for CredentialForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CredentialForm {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|form| form.as_str() == text).ok_or(InvalidValue::expected(
            "bearer, x-api-key, api-key, x-goog-api-key, aws-keys, aws-instance, aws-container, entra-client, \
             entra-instance, google-service-account or google-instance",
        ))
    }
}

/// A service's credential, sealed. The row is named like the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Whose it is.
    pub service: ServiceId,
    /// What the form takes, sealed under the engagement's key and written as base64.
    pub sealed: String,
    /// The epoch of that key.
    pub epoch: u32,
    /// How it is used. Rows call it `header`, which the first forms were.
    #[serde(rename = "header")]
    pub form: CredentialForm,
    /// The region that requests are signed for, where it is not the service's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Name>,
    /// Where tokens and keys are got, instead of the form's own place; the form's path follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<Endpoint>,
    /// What a token is asked for, instead of the form's own scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Text>,
}

impl Credential {
    /// A row of what a vault sealed.
    pub fn new(service: ServiceId, sealed: &SealedValue, form: CredentialForm) -> Self {
        Self {
            service,
            sealed: BASE64.encode(&sealed.bytes),
            epoch: sealed.epoch,
            form,
            region: None,
            token_endpoint: None,
            scope: None,
        }
    }

    /// What a vault can open again; `None` if the text is no base64.
    pub fn sealed(&self) -> Option<SealedValue> {
        Some(SealedValue { epoch: self.epoch, bytes: BASE64.decode(&self.sealed).ok()? })
    }

    /// A token's endpoint may be elsewhere; a metadata service is on the machine, wherever that is.
    fn check_endpoint(&self) -> Result<(), FieldError> {
        let Some(endpoint) = &self.token_endpoint else { return Ok(()) };
        let form = self.form;
        if form == CredentialForm::AwsContainer
            || !(form.takes_token() || form == CredentialForm::AwsInstance)
        {
            return Err(FieldError::new("token_endpoint", format!("the form `{form}` takes none")));
        }
        if form.of_platform() && !endpoint.is_loopback() {
            return Err(FieldError::new("token_endpoint", "a metadata service is named on loopback only"));
        }
        Ok(())
    }
}

impl sealed::Sealed for Credential {}

impl Body for Credential {
    const KIND: RegisterKind = RegisterKind::Credential;

    fn check(&self) -> Result<(), FieldError> {
        if self.sealed().is_none_or(|sealed| sealed.bytes.is_empty()) {
            return Err(FieldError::new("sealed", "is not base64 of sealed bytes"));
        }
        if self.region.is_some() && !self.form.signs() {
            return Err(FieldError::new("region", format!("the form `{}` takes none", self.form)));
        }
        if self.scope.is_some() && !self.form.takes_token() {
            return Err(FieldError::new("scope", format!("the form `{}` takes none", self.form)));
        }
        self.check_endpoint()
    }

    fn check_names(&self, id: &Name, holdings: &Holdings) -> Result<(), FieldError> {
        if id.as_str() != self.service.as_str() {
            return Err(FieldError::new("id", "a credential's row is named like its service"));
        }
        let Some(service) = holdings.services.current(self.service.as_str()) else {
            return Err(FieldError::absent("service", RegisterKind::Service, self.service.as_str()));
        };
        if self.form.signs() && self.region.is_none() && service.body.region.is_none() {
            return Err(FieldError::new(
                "region",
                format!("the form `{}` signs for one, and the service names none", self.form),
            ));
        }
        Ok(())
    }

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.credentials
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::read_body;

    fn read(more: &str) -> Result<Credential, String> {
        read_body(&format!(r#"{{"service":"api","sealed":"AAAA","epoch":1,{more}}}"#))
            .map_err(|error: FieldError| error.field)
    }

    #[test]
    fn forms_are_read_as_they_are_written() {
        for form in CredentialForm::ALL {
            assert_eq!(form.as_str().parse(), Ok(form));
            assert_eq!(read(&format!(r#""header":"{form}""#)).unwrap().form, form);
            assert_eq!(serde_json::to_value(form).unwrap(), form.as_str());
        }
        assert!("basic".parse::<CredentialForm>().is_err());
    }

    /// As the first version of the house wrote it, and as it can still read it.
    #[test]
    fn a_row_of_the_first_version_is_read_and_written_unchanged() {
        let row = r#"{"service":"api","sealed":"AAAA","epoch":1,"header":"x-api-key"}"#;
        let body: Credential = read_body(row).unwrap();
        assert_eq!(serde_json::to_string(&body).unwrap(), row);
    }

    #[test]
    fn a_form_takes_only_what_it_uses() {
        for (more, field) in [
            (r#""header":"bearer","region":"us-east-1""#, "region"),
            (r#""header":"entra-client","region":"us-east-1""#, "region"),
            (r#""header":"aws-keys","scope":"x""#, "scope"),
            (r#""header":"aws-keys","token_endpoint":"https://a.example""#, "token_endpoint"),
            (r#""header":"aws-container","token_endpoint":"http://127.0.0.1:1""#, "token_endpoint"),
            (r#""header":"aws-instance","token_endpoint":"https://a.example""#, "token_endpoint"),
            (r#""header":"google-instance","token_endpoint":"https://169.254.169.254""#, "token_endpoint"),
        ] {
            assert_eq!(read(more).unwrap_err(), field, "{more}");
        }
        for more in [
            r#""header":"aws-instance","region":"us-east-1","token_endpoint":"http://127.0.0.1:1""#,
            r#""header":"entra-client","scope":"s/.default","token_endpoint":"https://login.microsoftonline.us""#,
        ] {
            assert!(read(more).is_ok(), "{more}");
        }
    }
}
