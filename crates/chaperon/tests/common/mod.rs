//! Runs the real binary and compares what it says with files.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Output};

/// Runs `chaperon` in `folder` with a bare environment.
pub(crate) fn chaperon(folder: &Path, arguments: &[&str]) -> Output {
    with_input(folder, arguments, "")
}

/// The same, with something on standard input.
pub(crate) fn with_input(folder: &Path, arguments: &[&str], input: &str) -> Output {
    use std::io::Write as _;
    let mut child = start(folder, arguments);
    let mut stdin = child.stdin.take().unwrap();
    // a command that reads nothing may be gone already
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Starts `chaperon` in `folder` with a bare environment.
#[expect(clippy::disallowed_methods, reason = "tests run the real binary")]
pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Child {
    use std::process::{Command, Stdio};
    Command::new(env!("CARGO_BIN_EXE_chaperon"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Standard output as text.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard error as text.
pub(crate) fn complained(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Where golden files are.
pub(crate) fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// Compares with a golden file. With `UPDATE_GOLDEN` set in the environment, writes it instead.
pub(crate) fn compare(name: &str, text: &str) {
    let path = golden(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == text,
        "{} differs; run again with UPDATE_GOLDEN=1 if this is meant\n--- expected\n{expected}\n--- said\n{text}",
        path.display()
    );
}
