//! What the platform that the house runs on says of itself, in the environment.

use egress::{Container, ContainerToken};
use zeroize::Zeroizing;

/// Where ECS answers what is named by its path only.
const ECS: &str = "http://169.254.170.2";

/// The credentials endpoint of ECS or EKS, as both name it to containers. Egress calls it only at their own addresses
/// or on loopback.
pub(crate) fn container() -> Option<Container> {
    named(variable)
}

#[expect(clippy::disallowed_methods, reason = "this is the configuration of the binary")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn named(variable: impl Fn(&str) -> Option<String>) -> Option<Container> {
    let address = match variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        Some(path) => format!("{ECS}{path}"),
        None => variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")?,
    };
    let token = match variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        Some(file) => Some(ContainerToken::File(file.into())),
        None => variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
            .map(|token| ContainerToken::Value(Zeroizing::new(token))),
    };
    Some(Container { address, token })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Option<Container> {
        named(|name| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn containers_are_told_where_their_credentials_are() {
        assert_eq!(with(&[]), None);
        let ecs = with(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1")]).unwrap();
        assert_eq!((ecs.address.as_str(), ecs.token), ("http://169.254.170.2/v2/credentials/1", None));
        let eks = with(&[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/token"),
        ])
        .unwrap();
        assert_eq!(eks.token, Some(ContainerToken::File("/var/run/token".into())));
        let secret = with(&[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "s3cret"),
        ]);
        assert!(!format!("{secret:?}").contains("s3cret"));
    }
}
