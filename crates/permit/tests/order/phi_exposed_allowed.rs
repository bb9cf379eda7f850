fn printed(name: &terms::Phi<String>) -> String {
    format!("{:?}", name.expose())
}

fn main() {
    let _ = printed;
}
