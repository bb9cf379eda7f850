fn permits(one: terms::Decision, opened: audit::Opened) -> bool {
    permit::Permit::grant(one, opened).is_ok()
}

fn main() {
    let _ = permits;
}
