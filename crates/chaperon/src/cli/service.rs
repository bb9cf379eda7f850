//! service

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use governance::{CredentialForm, Endpoint, InvalidValue, Model, ModelName, Network, Price, Protocol, Text};
use terms::{Name, VendorId};

use super::rows::{Noun, RowCommand};
use super::{Entry, Signed, Within};

/// Services: products or tiers of a vendor, with endpoint, account and models
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    Add(Box<ServiceAdd>),
    #[command(flatten)]
    Rows(RowCommand<Services>),
    Credential(CredentialArgs),
}

/// The words of this noun.
#[derive(Debug)]
pub(crate) struct Services;

impl Noun for Services {
    const NOUN: &'static str = "service";
    const ONE: &'static str = "one service";
    const EXAMPLE: &'static str = "acme-api";
    const END: &'static str = "End it: no request is routed to it any more";
    const WHY: &'static str = "moved";
}

/// Record a service
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  chaperon service add acme-api --vendor acme-llm --endpoint https://api.acme.example/v1 \\
      --account org-42 --model acme-large --model fast=acme-small-2026,small
  chaperon service add openai-api --from openai-api --region us --model gpt-5.2
  chaperon service add local --vendor us --endpoint http://127.0.0.1:8080/v1 --on-premises --model smollm2

Then give it a credential with `chaperon service credential`.")]
pub(crate) struct ServiceAdd {
    /// Its name: a-z, 0-9, `-`, `_`, `.`
    pub(crate) name: Name,
    /// Fill what is not given from facts: an offering of `chaperon vendor facts`. Nothing is covered by it
    #[arg(long, value_name = "OFFERING")]
    pub(crate) from: Option<Name>,
    /// The vendor that offers it
    #[arg(long, value_name = "NAME", required_unless_present = "from")]
    pub(crate) vendor: Option<VendorId>,
    /// Base URL, as an SDK would be given it
    #[arg(long, value_name = "URL", required_unless_present = "from")]
    pub(crate) endpoint: Option<Endpoint>,
    /// A model it offers, repeated for each; its name at the vendor and further names may follow
    #[arg(long = "model", value_name = "NAME[=UPSTREAM][,ALIAS…]", required = true)]
    pub(crate) models: Vec<ModelArg>,
    /// What a million tokens of a model's requests and answers cost, for budgets in money;
    /// may be repeated
    #[arg(long = "price", value_name = "MODEL=INPUT/OUTPUT")]
    pub(crate) prices: Vec<PriceArg>,
    /// A protocol that it speaks: openai, azure-openai (with the model as a deployment in the path), anthropic, bedrock
    /// or gemini; may be repeated [default: openai]
    #[arg(long = "protocol", value_name = "PROTOCOL")]
    pub(crate) protocols: Vec<Protocol>,
    /// The version of Azure's dated interface, for instance 2024-10-21
    #[arg(long, value_name = "VERSION")]
    pub(crate) api_version: Option<Text>,
    /// Product, as the agreement has it [default: the name]
    #[arg(long, value_name = "TEXT")]
    pub(crate) product: Option<Text>,
    /// Tier, as the agreement has it
    #[arg(long, value_name = "TEXT")]
    pub(crate) tier: Option<Text>,
    /// The account at the vendor, as the agreement has it
    #[arg(long, value_name = "TEXT")]
    pub(crate) account: Option<Text>,
    /// Where it processes
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<Name>,
    /// What the vendor keeps, for instance `zero` or `30-days`
    #[arg(long, value_name = "MODE")]
    pub(crate) retention: Option<Name>,
    /// It runs inside the wall: nothing is disclosed to a vendor
    #[arg(long)]
    pub(crate) on_premises: bool,
    /// A private address or network that its name may resolve to; may be repeated
    #[arg(long = "network", value_name = "CIDR")]
    pub(crate) networks: Vec<Network>,
    /// It refuses chat completions with the field `store`: leave out the `"store": false` that vendors are sent
    #[arg(long)]
    pub(crate) no_store_field: bool,
    #[command(flatten)]
    pub(crate) entry: Entry,
}

/// Record the credential of a service, sealed
///
/// Read from a file that only its owner may read, or from standard input; never an argument. It is never shown
/// again. What the file holds depends on the form; the forms of a platform need none. docs/reference/credentials.md
/// shows each, and what it should be allowed at the vendor.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon service credential acme-api --from-file acme.key
  pass show acme | chaperon service credential acme-api
  chaperon service credential acme-api --form x-api-key --from-file acme.key
  chaperon service credential bedrock --form aws-keys --region us-east-1 --from-file chaperon-aws.ini
  chaperon service credential bedrock --form aws-instance
  chaperon service credential azure --form entra-client --from-file client.json
  chaperon service credential vertex --form google-service-account --from-file account.json

Then see with `chaperon check` whether a token can be got.")]
pub(crate) struct CredentialArgs {
    /// The service
    pub(crate) name: Name,
    /// File to read it from [default: standard input; nothing for the forms of a platform]
    #[arg(long, value_name = "FILE")]
    pub(crate) from_file: Option<PathBuf>,
    /// How the service is shown it
    #[arg(long, alias = "header", value_name = "FORM", default_value = "bearer")]
    pub(crate) form: FormArg,
    /// Region to sign for, with the `aws-` forms [default: the service's]
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<Name>,
    /// Where tokens are got instead, for instance in a sovereign cloud; the form's own path follows
    #[arg(long, value_name = "URL")]
    pub(crate) token_endpoint: Option<Endpoint>,
    /// What a token is asked for instead
    #[arg(long, value_name = "TEXT")]
    pub(crate) scope: Option<Text>,
    #[command(flatten)]
    pub(crate) within: Within,
    #[command(flatten)]
    pub(crate) signed: Signed,
}

/// How a service is shown its credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormArg {
    /// `Authorization: Bearer …`
    Bearer,
    /// `x-api-key: …`
    XApiKey,
    /// `api-key: …`
    ApiKey,
    /// `x-goog-api-key: …`
    XGoogApiKey,
    /// Requests signed (SigV4) with access keys of AWS
    AwsKeys,
    /// Requests signed with the role of this machine, from EC2's metadata service
    AwsInstance,
    /// Requests signed with the role of this task or pod, in ECS or EKS
    AwsContainer,
    /// Tokens of Microsoft Entra for a client secret
    EntraClient,
    /// Tokens of Microsoft Entra for this machine's managed identity
    EntraInstance,
    /// Tokens of Google for the key of a service account
    GoogleServiceAccount,
    /// Tokens of Google for this machine's service account
    GoogleInstance,
}

impl From<FormArg> for CredentialForm {
    fn from(form: FormArg) -> Self {
        match form {
            FormArg::Bearer => Self::Bearer,
            FormArg::XApiKey => Self::XApiKey,
            FormArg::ApiKey => Self::ApiKey,
            FormArg::XGoogApiKey => Self::XGoogApiKey,
            FormArg::AwsKeys => Self::AwsKeys,
            FormArg::AwsInstance => Self::AwsInstance,
            FormArg::AwsContainer => Self::AwsContainer,
            FormArg::EntraClient => Self::EntraClient,
            FormArg::EntraInstance => Self::EntraInstance,
            FormArg::GoogleServiceAccount => Self::GoogleServiceAccount,
            FormArg::GoogleInstance => Self::GoogleInstance,
        }
    }
}

/// `MODEL=INPUT/OUTPUT`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PriceArg {
    pub(crate) model: ModelName,
    pub(crate) price: Price,
}

impl FromStr for PriceArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (model, price) = text.rsplit_once('=').ok_or("expected MODEL=INPUT/OUTPUT")?;
        let (input, output) = price.split_once('/').ok_or("expected MODEL=INPUT/OUTPUT")?;
        let amount = |text: &str| text.parse().map_err(|error: InvalidValue| error.to_string());
        let price = Price { input: amount(input)?, output: amount(output)? };
        Ok(Self { model: model.parse().map_err(|error: InvalidValue| error.to_string())?, price })
    }
}

/// `NAME[=UPSTREAM][,ALIAS…]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelArg(pub(crate) Model);

impl FromStr for ModelArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = |name: &str| name.parse::<ModelName>().map_err(|error| error.to_string());
        let mut parts = text.split(',');
        let first = parts.next().unwrap_or_default();
        let (name, upstream) = match first.split_once('=') {
            Some((name, upstream)) => (name, Some(read(upstream)?)),
            None => (first, None),
        };
        let aliases = parts.map(read).collect::<Result<_, _>>()?;
        Ok(Self(Model { name: read(name)?, upstream, aliases, price: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_written_as_rows_write_it() {
        let named: Vec<_> = FormArg::value_variants()
            .iter()
            .map(|form| {
                (form.to_possible_value().unwrap().get_name().to_owned(), CredentialForm::from(*form))
            })
            .collect();
        let forms: Vec<_> = CredentialForm::ALL.map(|form| (form.to_string(), form)).into();
        assert_eq!(named, forms);
    }

    #[test]
    fn a_model_has_a_name_perhaps_another_upstream_and_aliases() {
        let ModelArg(model) = "fast=acme/small:2026,small,s".parse().unwrap();
        assert_eq!((model.name.as_str(), model.upstream()), ("fast", "acme/small:2026"));
        assert!(model.is_called("small") && model.is_called("s") && !model.is_called("acme/small:2026"));
        assert_eq!("m".parse::<ModelArg>().unwrap().0.upstream, None);
        for bad in ["", "=x", "m=", "m,,a"] {
            assert!(bad.parse::<ModelArg>().is_err(), "{bad}");
        }
    }
}
