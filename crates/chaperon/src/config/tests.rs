use super::*;

fn parse(text: &str) -> Result<Config, Failure> {
    Config::parse(text, Some(Path::new("etc/chaperon.toml")), &Overrides::default())
}

fn complaint(text: &str) -> String {
    parse(text).unwrap_err().text()
}

#[test]
fn no_file_at_all_works() {
    let config = Config::parse("", None, &Overrides::default()).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8787");
    assert_eq!(config.data_dir, Path::new("data"));
    assert_eq!(config.admin.socket, Path::new("data/admin.sock"));
    assert!(matches!(config.store, StoreUrl::Plain(url) if url == "sqlite:data/chaperon.db"));
    assert!(matches!(config.root, Root::File(path) if path == Path::new("data/keys/root.key")));
}

#[test]
fn everything_can_be_said_and_paths_belong_to_the_file() {
    let config = parse(include_str!("../../../../examples/chaperon.toml")).unwrap();
    assert_eq!(config.listen.to_string(), "0.0.0.0:8443");
    assert_eq!(config.tls.unwrap().key, Path::new("etc/tls/key.pem"));
    assert_eq!(config.data_dir, Path::new("/var/lib/chaperon"));
    assert!(matches!(config.store, StoreUrl::Secret(SecretRef::Env(name)) if name == "CHAPERON_DATABASE"));
    assert!(
        matches!(config.root, Root::Passphrase(SecretRef::File(path)) if path == Path::new("/run/secrets/chaperon-root"))
    );
    assert_eq!(config.limits.body_bytes, 8_388_608);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.upstream.trust.unwrap(), Path::new("etc/tls/authorities.pem"));
}

#[test]
fn the_configuration_on_the_page_for_operators_is_valid() {
    let page = include_str!("../../../../docs/operating.md");
    let example = page.split("```toml").nth(1).unwrap().split("```").next().unwrap();
    assert!(parse(example).unwrap().tls.is_some());
}

#[test]
fn what_is_packaged_is_valid() {
    let service = parse(include_str!("../../../../packaging/systemd/chaperon.toml")).unwrap();
    let credential = Path::new("/run/credentials/chaperon.service/root-passphrase");
    assert!(
        matches!(service.root, Root::Passphrase(SecretRef::File(path)) if path == credential),
        "the name under which the unit loads it"
    );
    assert!(
        include_str!("../../../../packaging/systemd/chaperon.service")
            .contains("LoadCredential=root-passphrase:")
    );
    let image = parse(include_str!("../../../../packaging/docker/chaperon.toml")).unwrap();
    assert_eq!((image.data_dir, service.data_dir), ("/var/lib/chaperon".into(), "/var/lib/chaperon".into()));
}

#[test]
fn the_command_line_wins() {
    let overrides = Overrides {
        data_dir: Some("elsewhere".into()),
        listen: Some("127.0.0.1:9".parse().unwrap()),
        ..Overrides::default()
    };
    let config = Config::parse("listen = \"127.0.0.1:1\"\ndata_dir = \"d\"", None, &overrides).unwrap();
    assert_eq!(config.listen.port(), 9);
    assert_eq!(config.data_dir, Path::new("elsewhere"));
}

#[test]
fn an_unknown_key_shows_where_what_was_expected_and_the_nearest() {
    assert_eq!(
        complaint("# wiring\nlisten = \"127.0.0.1:1\"\n  lissten = \"x\"\n"),
        "error: unknown key `lissten`\n --> etc/chaperon.toml:3:3\n  |\n3 |   lissten = \"x\"\n  |   ^^^^^^^\n  \
         expected  listen, tls, data_dir, store, root, upstream, facts, telemetry, detection, limits, log, admin\n  help  did you mean `listen`?\n"
    );
    let nested = complaint("[limits]\nbody_byte = 5\n");
    assert!(nested.contains(":2:1") && nested.contains("did you mean `body_bytes`?"), "{nested}");
    let value = complaint("[log]\nformat = \"jsonl\"\n");
    assert!(value.contains("unknown value `jsonl`") && value.contains("expected  text, json"), "{value}");
}

#[test]
fn listening_beyond_loopback_needs_a_certificate() {
    let text = complaint("listen = \"0.0.0.0:8787\"");
    assert!(
        text.contains("needs a certificate") && text.contains("1:10") && text.contains("[tls]"),
        "{text}"
    );
    assert!(complaint("[tls]\ncertificate = \"a\"\n").contains("`key` is missing"));
    assert!(complaint("listen = \"here\"").contains("`listen` is an address and a port"));
}

#[test]
fn a_file_of_authorities_is_named_in_its_own_table() {
    let nested = complaint("[upstream]\ntrusts = \"a.pem\"\n");
    assert!(nested.contains(":2:1") && nested.contains("did you mean `trust`?"), "{nested}");
    let empty = complaint("[upstream]\ntrust = \"\"\n");
    assert!(empty.contains(":2:9") && empty.contains("`upstream.trust` names no file"), "{empty}");
    assert!(complaint("[upstream]\ntrust = [\"a.pem\"]\n").contains("wrong kind"));
    assert!(Config::parse("", None, &Overrides::default()).unwrap().upstream.trust.is_none());
}

#[test]
fn a_file_of_facts_is_named_in_its_own_table() {
    let named = parse("[facts]\nfile = \"vendors.json\"\n").unwrap();
    assert_eq!(named.facts.file.unwrap(), Path::new("etc/vendors.json"));
    assert!(complaint("[facts]\nfile = \"\"\n").contains("`facts.file` names no file"));
    assert!(complaint("[facts]\nfiles = \"a\"\n").contains("did you mean `file`?"));
    assert!(Config::parse("", None, &Overrides::default()).unwrap().facts.file.is_none());
}

#[test]
fn a_collector_is_named_in_its_own_table() {
    let named =
        |more: &str| parse(&format!("[telemetry]\nendpoint = \"https://collector.example:4318\"\n{more}"));
    assert!((named("").unwrap().telemetry.unwrap().sampling - 1.0).abs() < f64::EPSILON);
    let full = named("sampling = 0.25\nauthorization = { file = \"token\" }\n").unwrap().telemetry.unwrap();
    assert!((full.sampling - 0.25).abs() < f64::EPSILON);
    assert_eq!(full.authorization, Some(SecretRef::File("etc/token".into())));
    for bad in ["http://collector.example:4318", "https://me:hunter2@collector.example", "collector"] {
        let text = complaint(&format!("[telemetry]\nendpoint = \"{bad}\"\n"));
        assert!(text.contains("`http` on loopback only") && !text.contains("hunter2"), "{text}");
    }
    let wide = complaint("[telemetry]\nendpoint = \"https://a.example\"\nsampling = 1.5\n");
    assert!(wide.contains("from 0.0 to 1.0"), "{wide}");
    let secret = complaint("[telemetry]\nendpoint = \"https://a.example\"\nauthorization = \"hunter2\"\n");
    assert!(secret.contains("never written here") && !secret.contains("hunter2"), "{secret}");
    assert!(complaint("[telemetry]\nsampling = 1.0\n").contains("`endpoint` is missing"));
    assert!(Config::parse("", None, &Overrides::default()).unwrap().telemetry.is_none());
}

#[test]
fn limits_have_ranges() {
    let text = complaint("[limits]\ndepth = 5000\n");
    assert!(text.contains("`limits.depth` is from 8 to 512") && text.contains("2 | depth = 5000"), "{text}");
    assert!(complaint("[limits]\ndepth = \"5\"\n").contains("wrong kind: expected u64"));
}

#[test]
fn a_secret_in_the_wrong_place_is_refused_and_never_repeated() {
    for text in [
        "[root]\npassphrase = \"hunter2\"\n",
        "root = { passphrase = \"hunter2\" }\n",
        "[root]\npassphrase = hunter2\n",
        "[root]\npassphrase = \"hunter2\n",
        "[root]\npassphrase = { enw = \"hunter2\" }\n",
        "[root]\npassphrase = { env = \"A\", file = \"hunter2\" }\n",
        "[store]\nurl = \"postgres://me:hunter2@db/chaperon\"\n",
        "[store]\nurl = \"postgres://db/chaperon?password=hunter2\"\n",
        "[store]\nurl = \"mysql://me:hunter2@db/chaperon\"\n",
        "[store]\npassword = \"hunter2\"\n",
        "[root]\npassphrase = \"\"\"\nhunter2\"\"\"\n",
        "hunter2\n",
    ] {
        let text = complaint(text);
        assert!(!text.contains("hunter2") || text.contains("unknown key `hunter2`"), "{text}");
    }
    assert!(complaint("[root]\npassphrase = \"hunter2\"\n").contains("never written here"));
}

#[test]
fn a_root_has_one_source() {
    let both = "[root]\nfile = \"a\"\npassphrase = { env = \"A\" }\n";
    assert!(complaint(both).contains("either `file` or `passphrase`"));
    assert!(complaint("[root]\n").contains("either `file` or `passphrase`"));
}

#[test]
fn a_secret_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "s3cret\r\n").unwrap();
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o640);
    let refused = SecretRef::File(path.clone()).read("root.passphrase").unwrap_err().text();
    assert!(refused.contains("can be read by others") && !refused.contains("s3cret"), "{refused}");
    mode(0o600);
    assert_eq!(SecretRef::File(path.clone()).read("root.passphrase").unwrap().as_str(), "s3cret");
    let missing = SecretRef::Env("CHAPERON_NO_SUCH_VARIABLE".into()).read("root.passphrase").unwrap_err();
    assert!(missing.text().contains("is not set"));
}
