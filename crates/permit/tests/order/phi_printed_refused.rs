fn printed(name: &terms::Phi<String>) -> String {
    format!("{name:?}")
}

fn main() {
    let _ = printed;
}
