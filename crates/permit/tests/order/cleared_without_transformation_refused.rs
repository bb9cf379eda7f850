use permit::{Cleared, Destination, NotCleared, Permit};

fn cleared(permit: Permit, text: &str, to: Destination) -> Result<Cleared, NotCleared> {
    permit.clear(text, |_| Ok::<_, String>(bytes::Bytes::new()), to, http::HeaderMap::new())
}

fn main() {
    let _ = cleared;
}
