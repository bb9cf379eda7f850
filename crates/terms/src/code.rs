//! Stable codes of refusals and reasons, each with the rule it serves and what to do.

use std::fmt;

use serde::Serialize;

/// A stable code, for instance `agreement-missing`. Compared and written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Code(&'static str);

impl Code {
    /// The code as text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// What the catalogue says of the code.
    pub fn explanation(self) -> &'static Explanation {
        CATALOGUE.iter().find(|entry| entry.code == self).unwrap_or(&UNLISTED)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a code means: shown by `chaperon explain CODE` and in every error on the wire.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// HTTP status of a refusal with this code.
    pub status: u16,
    /// What is the case, in one line without a full stop.
    pub title: &'static str,
    /// The rule it serves; empty where none speaks.
    pub rule: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

static UNLISTED: Explanation = Explanation {
    code: Code("unlisted"),
    status: 500,
    title: "a code that is not in the catalogue",
    rule: "",
    help: "report this as a defect",
};

/// Finds a code of the catalogue by its text.
pub fn explain(code: &str) -> Option<&'static Explanation> {
    CATALOGUE.iter().find(|entry| entry.code.as_str() == code)
}

macro_rules! catalogue {
    ($($id:ident = $text:literal, $status:literal, $title:literal, $rule:literal, $help:literal;)*) => {
        impl Code {
            $(#[doc = $title] pub const $id: Self = Self($text);)*
        }

        /// Every code of the house.
        pub static CATALOGUE: &[Explanation] = &[
            $(Explanation { code: Code::$id, status: $status, title: $title, rule: $rule, help: $help },)*
        ];
    };
}

catalogue! {
    // arrival
    KEY_MISSING = "key-missing", 401, "the request carries no agent key", "45 CFR 164.312(d)",
        "send an agent key as `Authorization: Bearer chp_…` or `x-api-key: chp_…`; make one with `chaperon agent add`";
    KEY_UNKNOWN = "key-unknown", 401, "the agent key is not known, was revoked or has ended", "45 CFR 164.312(d)",
        "make a new one with `chaperon agent rotate`";
    REQUEST_MALFORMED = "request-malformed", 400, "the request is not well formed", "",
        "send one JSON object as the protocol of this path describes it";
    TOKENS_UNREADABLE = "tokens-unreadable", 400, "the request holds numbers of tokens instead of text, which can't be examined", "",
        "send text; for LangChain's OpenAIEmbeddings set `check_embedding_ctx_length=False`";
    REQUEST_TIMEOUT = "request-timeout", 408, "the request's body did not come in time", "",
        "send it at once, or raise `limits.request_seconds` in the configuration";
    JSON_DUPLICATE_KEY = "json-duplicate-key", 400, "an object of the request holds the same key twice", "",
        "send each key once: of two, one would be scanned and the other read";
    BODY_TOO_LARGE = "body-too-large", 413, "the request is larger than this gateway accepts", "",
        "send less, or raise `limits.body_bytes` in the configuration";
    BODY_TOO_DEEP = "body-too-deep", 400, "the request is nested deeper than this gateway accepts", "",
        "send a flatter object, or raise `limits.depth` in the configuration";
    ENCODING_UNSUPPORTED = "encoding-unsupported", 415, "the request's content encoding is not supported", "",
        "send the body plain or as gzip";
    PATH_UNKNOWN = "path-unknown", 404, "this gateway serves nothing at this path", "",
        "use /v1/chat/completions, /v1/responses, /v1/messages, /v1beta/models/MODEL:generateContent, /model/MODEL/converse or /v1/models";
    STREAM_UNSUPPORTED = "stream-unsupported", 400, "a streamed answer of this kind can't be guarded", "45 CFR 164.502(b)",
        "ask for the answer whole; on Bedrock, `converse-stream` streams the answers of every model";
    FORM_UNSUPPORTED = "form-unsupported", 400, "an answer in this form can't be guarded", "45 CFR 164.502(b)",
        "ask for JSON: `response_format` json, verbose_json or diarized_json; subtitles can be made of the times in verbose_json";
    COMPACTION_APART = "compaction-apart", 404, "this gateway has no vendor compact a conversation apart from an answer", "",
        "let the client summarise, or ask for compaction within /v1/responses: `context_management`, or an item `compaction_trigger`";
    METHOD_UNKNOWN = "method-unknown", 405, "this path does not take this method", "", "use the method of the protocol";
    HEADER_INVALID = "header-invalid", 400, "a header that this gateway reads is malformed or was sent twice", "",
        "send it once, in its documented form";
    SESSION_UNKNOWN = "session-unknown", 404, "the caller has no living session of this name with anything to put back", "45 CFR 164.514(c)",
        "name the session that `/v1/deidentify` answered with, as the same agent and on behalf of the same person, before it ends";
    MODEL_UNKNOWN = "model-unknown", 404, "no service of this engagement offers the model", "",
        "list what is offered at /v1/models; add one with `chaperon service add`";
    MODEL_FOREIGN = "model-foreign", 400, "the request names a model that only the vendor knows", "45 CFR 164.502(e)",
        "ask for a model by the name that `chaperon service add --model` gave it, with no tuned model, endpoint or router of the vendor's";
    KEY_IN_ADDRESS = "key-in-address", 401, "a key stands in the address, where logs keep it", "45 CFR 164.312(d)",
        "send it as the header `x-goog-api-key` or `Authorization: Bearer`, and make a new one with `chaperon agent rotate`";
    STREAM_FORM = "stream-form", 400, "the stream is asked for in a form that is not served", "",
        "ask for server-sent events: add `?alt=sse` to the address";
    MODEL_AMBIGUOUS = "model-ambiguous", 400, "more than one service offers the model", "",
        "name the service too, `service/model`, or let a pool lead to both: `chaperon pool add`";
    PROTOCOL_MISMATCH = "protocol-mismatch", 400, "the service that offers the model does not speak this protocol", "",
        "call the path of a protocol that the service speaks";
    TOO_BUSY = "too-busy", 503, "the gateway has as many exchanges under way, or as many bytes of requests and answers in hand, as it may", "",
        "try again shortly, or raise `limits.exchanges` in the configuration";
    SHUTTING_DOWN = "shutting-down", 503, "the gateway is shutting down", "", "try again when it is back";

    // coverage
    AGREEMENT_MISSING = "agreement-missing", 403, "no agreement in force covers the vendor", "45 CFR 164.502(e), 164.504(e)",
        "record one with `chaperon agreement add`, or route to a vendor that has one";
    AGREEMENT_LAPSED = "agreement-lapsed", 403, "the agreement with the vendor has ended", "45 CFR 164.504(e)",
        "record its renewal with `chaperon agreement add`";
    AGREEMENT_NOT_YET = "agreement-not-yet", 403, "the agreement with the vendor is not in force yet", "45 CFR 164.504(e)",
        "wait for its effective date";
    SCOPE_MISSING = "scope-missing", 403, "no scope row of the agreement covers this use", "45 CFR 164.504(e)(2)(i)",
        "compare service, model, feature, region and retention mode with `chaperon agreement show`";
    ENDPOINT_MOVED = "endpoint-moved", 403, "the service's endpoint or account is not the one that the agreement names", "45 CFR 164.504(e)(2)(i)",
        "correct the service, or have the agreement amended";
    TRAINING_NOT_EXCLUDED = "training-not-excluded", 403, "the agreement does not exclude training on what is sent", "45 CFR 164.504(e)(2)(i)",
        "obtain a no-training term and record it with the agreement";
    SUBPROCESSOR_UNCOVERED = "subprocessor-uncovered", 403, "a subprocessor that the agreement names has no agreement of its own", "45 CFR 164.502(e)(1)(ii), 164.504(e)(5)",
        "obtain the vendor's confirmation and record it with the agreement";
    CHAIN_BROKEN = "chain-broken", 403, "the chain of agreements from the covered entity to the vendor has a missing link", "45 CFR 164.502(e), 164.504(e)(5)",
        "record the missing agreement: covered entity, business associate, subcontractor";
    COVERED = "covered", 200, "an agreement in force covers this exact use", "45 CFR 164.502(e)", "";
    ON_PREMISES = "on-premises", 200, "the model runs inside the wall: nothing is disclosed to a vendor", "45 CFR 164.502(a)", "";
    UNCOVERED_CLEAN = "uncovered-clean", 200, "no agreement covers the service, and no identifier of a person was found", "45 CFR 164.502(d)", "";

    // policy
    PHI_UNCOVERED = "phi-uncovered", 403, "identifiers of a person were found, and no agreement covers the service", "45 CFR 164.502(e), 164.514(b)(2)",
        "remove them, or route to a covered service";
    WORKFLOW_UNCOVERED = "workflow-uncovered", 403, "the workflow is declared to carry PHI, and no agreement covers the service", "45 CFR 164.502(e)",
        "route the workflow to a covered service";
    ENGAGEMENT_INACTIVE = "engagement-inactive", 403, "the engagement is not active", "45 CFR 164.308(a)(1), 164.308(b)",
        "set its state with `chaperon engagement activate` once its agreements are recorded";
    UNSCANNABLE = "unscannable", 403, "the request holds content that can't be scanned", "45 CFR 164.502(b), 164.514(b)(2)(i)(P)-(Q)",
        "remove images, audio and files, or have agreement scope and policy name them";
    EXTERNAL_URL = "external-url", 403, "the request asks the vendor to fetch an external address", "45 CFR 164.502(b)",
        "send the content itself, or have agreement scope and policy name it";
    VENDOR_STATE = "vendor-state", 403, "the request uses state kept by the vendor", "45 CFR 164.502(e), 164.504(e)(2)(ii)(J)",
        "send the content itself, or have agreement scope and policy name it";
    HOSTED_TOOL = "hosted-tool", 403, "the request uses a tool that the vendor hosts", "45 CFR 164.502(e)(1)(ii)",
        "use a tool of your own, or have agreement scope and policy name it";
    SIGNED_CONTENT = "signed-content", 403, "an identifier was found in signed content, which can't be rewritten", "45 CFR 164.502(b)",
        "start the conversation again without that part";
    OPAQUE_FOREIGN = "opaque-foreign", 403, "the request holds an opaque part that this service did not issue in this conversation", "45 CFR 164.502(b)",
        "leave out signed reasoning and encrypted parts of other conversations, other services, or conversations that ended";
    CONTENT_UNREADABLE = "content-unreadable", 403, "a part of the request can't be read as text and was refused", "45 CFR 164.502(b)",
        "send text, not encoded bytes";
    UNDECLARED_HEALTH = "undeclared-health", 403, "the request tells of health what its workflow did not declare", "45 CFR 164.502(b), 164.514(d)",
        "send only what the workflow needs; else declare it with `chaperon agent add --replace … --may-tell CLASSES`, or have the engagement's policy strip it: `@strip(\"undeclared\")`";
    POLICY_FORBIDS = "policy-forbids", 403, "a policy of the engagement forbids it", "45 CFR 164.502(b), 164.514(d)",
        "see the policy that the reason names";
    POLICY_NO_PERMIT = "policy-no-permit", 403, "no policy of the engagement permits it", "45 CFR 164.502(b), 164.514(d)",
        "have the engagement's policy permit the workflow";
    OBSERVED = "observed", 200, "the workflow is only observed: what was found changed and refused nothing", "45 CFR 164.308(a)(1)(ii)(D)",
        "see in `chaperon report` what would have been refused; it ends by itself on the day that `chaperon agent show` tells";
    POLICY_PERMITS = "policy-permits", 200, "a policy permits it", "", "";
    POLICY_ERROR = "policy-error", 403, "a policy could not be evaluated, which is a deny", "45 CFR 164.308(a)(1)",
        "check the policies with `chaperon check`";
    CLOCK_BEHIND_RECORD = "clock-behind-record", 503, "the clock of this machine is behind the newest entry of the record", "45 CFR 164.312(b)",
        "correct the clock: an agreement's term can't be judged by a clock that was turned back";

    // record and house
    RECORD_UNAVAILABLE = "record-unavailable", 503, "the record can't be written, so nothing may leave", "45 CFR 164.312(b)",
        "see the server's log, free disk space, and restart";
    DETECTION_FAILED = "detection-failed", 500, "the content could not be examined, which is a deny", "45 CFR 164.502(b)",
        "report this as a defect with the exchange id";
    TERMS_UNAVAILABLE = "terms-unavailable", 503, "the term lists of the engagement can't be read, so nothing can be examined", "45 CFR 164.502(b)",
        "see the server's log and check the keyring with `chaperon check`; a list that can't be read any more is ended with `chaperon terms end`";
    TRANSFORM_FAILED = "transform-failed", 500, "identifiers could not be replaced, which is a deny", "45 CFR 164.502(b)",
        "report this as a defect with the exchange id";
    SESSION_UNAVAILABLE = "session-unavailable", 503, "the conversation's surrogates can't be read or kept", "45 CFR 164.312(a)(1)",
        "see the server's log";
    CREDENTIAL_REFUSED = "credential-refused", 503, "no access to the service could be got with its credential", "45 CFR 164.312(d)",
        "`chaperon check` says why; record another with `chaperon service credential`";
    KEY_UNAVAILABLE = "key-unavailable", 503, "a key that is needed is not available", "45 CFR 164.312(a)(2)(iv)",
        "check the keyring with `chaperon check`";

    // what is known of vendors
    FACTS_UNTRUSTED = "facts-untrusted", 403, "the file of vendor facts is not one that was signed for this build", "45 CFR 164.312(c)(1)",
        "take the file and its `.sig` again from where they are published, unchanged, or leave out `[facts] file`";
    FACTS_OUTDATED = "facts-outdated", 403, "the file of vendor facts is older than the one that is built in", "",
        "leave out `[facts] file`, or take a newer file";

    // upstream
    UPSTREAM_UNREACHABLE = "upstream-unreachable", 502, "the vendor's endpoint can't be reached", "", "check it with `chaperon check`";
    UPSTREAM_TIMEOUT = "upstream-timeout", 504, "the vendor did not answer in time", "", "try again, or raise `limits.upstream_seconds` or `limits.answer_seconds` in the configuration";
    BUDGET_ENDED = "budget-ended", 429, "a budget has nothing left until its next window", "", "wait as `retry-after` says, or see `chaperon budget use` and change it with `chaperon budget add --replace`";
    PRICE_MISSING = "price-missing", 403, "a budget in money applies, and the model has no price", "", "record one with `chaperon service add --replace … --price MODEL=INPUT/OUTPUT`";
    UPSTREAM_CIRCUIT_OPEN = "upstream-circuit-open", 503, "the vendor's service failed again and again and is left alone for a while", "", "try again in a quarter of a minute; see `limits.breaker_failures` and `limits.breaker_seconds`, or add a pool with `chaperon pool add`";
    UPSTREAM_REFUSED = "upstream-refused", 502, "the vendor refused the request", "", "see the status that the vendor gave";
    UPSTREAM_MALFORMED = "upstream-malformed", 502, "the vendor's answer is not what the protocol describes", "", "try again; report it to the vendor";
    ADDRESS_DENIED = "address-denied", 502, "the vendor's name resolves to an address that is not declared", "",
        "declare the service's placement if the address is meant";
    ANSWER_MASKED = "answer-masked", 200, "the answer held identifiers that were not in the request; they were masked", "45 CFR 164.308(a)(6), 164.402",
        "review it as a candidate for an incident";
    INTERRUPTED = "interrupted", 500, "the exchange was cut off before it was closed", "45 CFR 164.312(b)", "";
    CALLER_LEFT = "caller-left", 499, "the caller closed the connection before the answer ended", "", "";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_every_refusal_tells_what_to_do() {
        let codes: BTreeSet<_> = CATALOGUE.iter().map(|entry| entry.code).collect();
        assert_eq!(codes.len(), CATALOGUE.len());
        for entry in CATALOGUE {
            assert!(!entry.title.ends_with('.'), "{}", entry.code);
            let refusal = (400..600).contains(&entry.status)
                && !matches!(entry.code.as_str(), "interrupted" | "caller-left");
            assert!(!refusal || !entry.help.is_empty(), "{} has no help", entry.code);
        }
    }

    #[test]
    fn a_code_is_found_by_its_text() {
        assert_eq!(explain("agreement-missing").unwrap().status, 403);
        assert!(explain("no-such-code").is_none());
    }
}
