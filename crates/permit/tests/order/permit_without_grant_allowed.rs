fn permit(decision: terms::Decision, opened: audit::Opened) -> Result<permit::Permit, Box<permit::Denied>> {
    permit::Permit::grant(decision, opened)
}

fn main() {
    let _ = permit;
}
