//! Commands while a server runs: through its admin socket, with the same answers.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Child;

use common::{chaperon, complained, said, start};
use serde_json::Value;

/// A running server; ended in order.
struct Server(Child);

impl Server {
    fn start(folder: &Path) -> Self {
        let server = Self(start(folder, &["serve", "--listen", "127.0.0.1:0"]));
        let socket = folder.join("data/admin.sock");
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        server
    }

    fn stop(mut self) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.0.id()).unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = chaperon(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", complained(&output));
    said(&output)
}

#[test]
fn changes_go_through_the_server_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let socket = folder.path().join("data/admin.sock");
    assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    done(
        folder.path(),
        &["engagement", "add", "mercy", "--title", "L", "--covered-entity", "mercy-hospital"],
    );
    let agent =
        ["agent", "add", "faq", "--title", "F", "--workflow", "faq", "--purpose", "operations", "--json"];
    let added: Value = serde_json::from_str(&done(folder.path(), &agent)).unwrap();
    assert!(added["key"].as_str().unwrap().starts_with("chp_"));
    let refused = chaperon(folder.path(), &["vendor", "end", "nobody"]);
    assert_eq!(refused.status.code(), Some(1), "{}", complained(&refused));
    let text = done(folder.path(), &["check", "--offline"]);
    assert!(text.contains("held by a running server"), "{text}");
    server.stop();
    assert!(!socket.exists());

    let text = done(folder.path(), &["agent", "list"]);
    assert!(text.contains("faq"), "{text}");
    let segments = std::fs::read_dir(folder.path().join("data/journal/segments")).unwrap().count();
    assert_eq!(segments, 1, "every change belongs to the server's own run");
}

#[test]
fn a_second_server_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let second = chaperon(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(5), "{}", complained(&second));
    assert!(complained(&second).contains("held by a server that runs already"), "{}", complained(&second));
    server.stop();
}

#[test]
fn a_server_that_was_killed_leaves_nothing_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    drop(Server::start(folder.path()));
    assert!(folder.path().join("data/admin.sock").exists());
    done(
        folder.path(),
        &["engagement", "add", "mercy", "--title", "L", "--covered-entity", "mercy-hospital"],
    );
    Server::start(folder.path()).stop();
}
