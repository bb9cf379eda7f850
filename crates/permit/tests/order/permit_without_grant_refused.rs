fn permit(decision: terms::Decision, opened: audit::Opened) -> permit::Permit {
    permit::Permit { decision, opened }
}

fn main() {
    let _ = permit;
}
