fn permit(decision: terms::Decision, opening: audit::Opening) -> Result<permit::Permit, Box<permit::Denied>> {
    permit::Permit::grant(decision, opening)
}

fn main() {
    let _ = permit;
}
