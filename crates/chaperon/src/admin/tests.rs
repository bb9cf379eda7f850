use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use super::*;
use crate::operations::Operation;

fn handler() -> Handler {
    Arc::new(|operation, peer| {
        Box::pin(async move {
            match operation {
                Operation::Status {} => Ok(Answer::Status(serde_json::json!({ "uid": peer.uid }))),
                _ => Err(Failure::refused("no").help("ask something else")),
            }
        })
    })
}

fn with_server(test: impl FnOnce(&std::path::Path)) {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("admin.sock");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let guard = runtime.enter();
    let bound = Bound::bind(&socket).unwrap();
    runtime.spawn(bound.serve(handler()));
    drop(guard);
    test(&socket);
    drop(runtime);
    assert!(!socket.exists(), "the socket's file is left behind");
}

#[test]
fn one_connection_carries_many_operations() {
    with_server(|socket| {
        assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let mut client = Client::connect(socket).unwrap().unwrap();
        let uid = nix::unistd::geteuid().as_raw();
        for _ in 0..3 {
            match client.ask(&Operation::Status {}).unwrap() {
                Answer::Status(status) => assert_eq!(status["uid"], uid),
                other => panic!("{other:?}"),
            }
        }
        let refused = client.ask(&Operation::Entries { from: None, count: 1 }).unwrap_err();
        assert_eq!(refused, Failure::refused("no").help("ask something else"));
    });
}

#[test]
fn what_is_not_understood_is_answered_and_the_connection_goes_on() {
    with_server(|socket| {
        let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
        stream.write_all(b"{\"operation\":\"dance\"}\n").unwrap();
        let mut answer = [0; 10];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"{\"failed\":");
    });
}

#[test]
fn no_server_is_not_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Client::connect(&folder.path().join("none.sock")).unwrap().is_none());
    let long = folder.path().join("x".repeat(200)).join("admin.sock");
    assert!(Client::connect(&long).unwrap().is_none());
}

#[tokio::test(flavor = "current_thread")]
async fn a_file_that_is_no_socket_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.sock");
    std::fs::write(&path, "mine").unwrap();
    assert!(Bound::bind(&path).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}
