//! preview

use std::path::PathBuf;

use clap::Args;
use terms::{AgentId, WorkforceId};

use super::Within;

/// Show what would become of a request, without sending it
///
/// Asks the running server for the decision, the findings and the body as it would leave. Nothing is sent to a vendor,
/// no budget is taken and no conversation goes on; the record keeps that it was asked, by whom. Surrogates that the
/// conversation has not given out yet are drawn for the preview only: the request itself will get others.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon preview --agent letters request.json
  chaperon preview --agent letters --path /v1/messages request.json --json | jq .findings
  jq -n '{model:\"large\",messages:[{role:\"user\",content:\"...\"}]}' | chaperon preview --agent letters -

An application asks for the same with its own key, at the server's address, with `/preview` before the path:
  curl -H \"authorization: Bearer $KEY\" -d @request.json http://127.0.0.1:8787/preview/v1/chat/completions")]
pub(crate) struct Preview {
    /// The request's body; `-` or none is standard input
    #[arg(value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,
    /// The agent that would send it
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: AgentId,
    /// The endpoint's path
    #[arg(long, value_name = "PATH", default_value = "/v1/chat/completions")]
    pub(crate) path: String,
    /// The media type of the body, where it is not JSON
    #[arg(long, value_name = "TYPE")]
    pub(crate) content_type: Option<String>,
    /// The member of the workforce on whose behalf the agent would act
    #[arg(long, value_name = "NAME")]
    pub(crate) on_behalf_of: Option<WorkforceId>,
    /// The conversation, as the agent names it in `chaperon-session`
    #[arg(long, value_name = "NAME")]
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) within: Within,
}
