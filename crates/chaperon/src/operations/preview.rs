//! What would become of a request.

use bytes::Bytes;
use gateway::Onlooker;
use governance::RegisterKind;
use terms::Code;
use zeroize::Zeroizing;

use super::registers::only;
use super::{Answer, Author, Note, Operation, Secret};
use crate::failure::Failure;
use crate::house::House;

/// Asks the data plane of the running server, for whoever may open the admin socket.
pub(super) async fn preview(house: &House, operation: Operation, uid: u32) -> Result<Answer, Failure> {
    let Operation::Preview { engagement, agent, path, content_type, on_behalf_of, session, body } = operation
    else {
        return Err(Failure::failed("this is no preview"));
    };
    let plane = house.plane.get().ok_or_else(|| {
        Failure::unreachable("only a running server can tell what would become of a request")
            .help("start one with `chaperon serve`")
    })?;
    let engagement = engagement.map_or_else(|| only(house), Ok)?;
    let snapshot = house.snapshot.load();
    super::registers::present(&snapshot.registers, &engagement)?;
    if snapshot.registers.agent(&engagement, &agent).is_none() {
        return Err(super::registers::no_row(RegisterKind::Agent, &agent, &engagement));
    }
    let onlooker = Onlooker {
        by: Author::of(&Note::default(), uid, "").name,
        engagement,
        agent,
        on_behalf_of,
        session: session.as_deref(),
        path: &path,
        content_type: content_type.as_deref(),
    };
    let page = plane.show(onlooker, Bytes::copy_from_slice(body.expose().as_bytes())).await;
    let page = page.map_err(|code| Failure::coded(code, said(code, &path)))?;
    Ok(Answer::Preview(Secret::new(&Zeroizing::new(page.to_string()))))
}

fn said(code: Code, path: &str) -> String {
    let title = code.explanation().title;
    if code == Code::PATH_UNKNOWN { format!("{title}: `{path}`") } else { title.to_owned() }
}
