//! The register commands, against the real binary: without a server, and through a running one.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use std::path::Path;

use common::{chaperon, complained, said, with_input};
use serde_json::Value;

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = chaperon(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", complained(&output));
    said(&output)
}

fn refused(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = chaperon(folder, arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}{}", said(&output), complained(&output));
    complained(&output)
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    serde_json::from_str(&done(folder, &arguments)).unwrap()
}

/// An engagement with a vendor, a service and an agreement that covers it.
fn furnish(folder: &Path) {
    let engagement =
        ["engagement", "add", "mercy", "--title", "Letters", "--covered-entity", "mercy-hospital"];
    done(folder, &[&engagement[..], &["--operator", "acme-agency"]].concat());
    done(folder, &["vendor", "add", "acme", "--legal-name", "Acme LLM, Inc."]);
    let service =
        ["service", "add", "acme-api", "--vendor", "acme", "--account", "org-42", "--model", "large"];
    done(folder, &[&service[..], &["--endpoint", "https://api.acme.example/v1"]].concat());
    done(
        folder,
        &["agreement", "add", "acme-baa", "--vendor", "acme", "--no-training", "--scope", "acme-api"],
    );
}

#[test]
fn nothing_is_made_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let complaint = refused(folder.path(), &["vendor", "list"], 1);
    assert!(complaint.contains("nothing in the data directory"), "{complaint}");
    assert!(!folder.path().join("data").exists());
    let text = done(folder.path(), &["check", "--offline"]);
    assert!(text.contains("not yet"), "{text}");
    assert!(!folder.path().join("data").exists());
}

#[test]
fn an_agreement_completes_itself_from_the_registers() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let agreement = json(folder.path(), &["agreement", "show", "acme-baa"]);
    assert_eq!(agreement["body"]["kind"], "subcontractor-baa");
    assert_eq!(agreement["body"]["from"], "acme-agency");
    assert_eq!(agreement["body"]["to"], "acme");
    assert_eq!(agreement["body"]["scope"][0]["endpoint"], "https://api.acme.example/v1");
    assert_eq!(agreement["body"]["scope"][0]["account"], "org-42");
    assert_eq!(agreement["body"]["terms"]["no_training"], true);

    // what `show --json` writes is what `--from-file` reads
    std::fs::write(folder.path().join("baa.json"), agreement.to_string()).unwrap();
    done(folder.path(), &["agreement", "add", "second", "--from-file", "baa.json"]);
    let second = json(folder.path(), &["agreement", "show", "second"]);
    assert_eq!(second["body"], agreement["body"]);
}

#[test]
fn an_agreement_shows_what_goes_without_saying() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let shown = done(folder.path(), &["agreement", "show", "acme-baa"]);
    let line = |name: &str| shown.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    assert!(line("ends").ends_with("open-ended"), "{shown}");
    assert!(line("scope[0].features").ends_with("inference"), "{shown}");
    assert!(done(folder.path(), &["agreement", "list"]).contains("open-ended"));
    let body = &json(folder.path(), &["agreement", "show", "acme-baa"])["body"];
    assert!(body.get("ends").is_none() && body["scope"][0].get("features").is_none(), "{body}");

    let scope = ["--scope", "acme-api;features=images,files", "--ends", "2199-01-01"];
    done(folder.path(), &[&["agreement", "add", "more", "--vendor", "acme"], &scope[..]].concat());
    let shown = done(folder.path(), &["agreement", "show", "more"]);
    assert!(shown.contains("inference, images, files") && shown.contains("2199-01-01"), "{shown}");
}

#[test]
fn an_agreement_that_covers_nothing_is_recorded_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let link = ["--from", "mercy-hospital", "--to", "acme-agency", "--no-training"];
    let told = done(folder.path(), &[&["agreement", "add", "agency"], &link[..]].concat());
    assert!(!told.contains("warning"), "it names no service, and the other party has none: {told}");
    let add = |name: &str, more: &[&str]| {
        let add = ["agreement", "add", name, "--vendor", "acme", "--no-training"];
        done(folder.path(), &[&add[..], more].concat())
    };
    assert!(!add("good", &["--scope", "acme-api"]).contains("warning"));
    done(folder.path(), &["agreement", "end", "good"]);
    done(folder.path(), &["agreement", "end", "acme-baa"]);
    for (more, told) in [
        (&[][..], "no `--scope` names a service of `acme`, which has `acme-api`"),
        (
            &["--scope", "acme-api;model=gpt-*"],
            "no model of it is `gpt-*` by the vendor's own name; it has `large`",
        ),
        (
            &["--scope", "acme-api;region=us"],
            "scope `acme-api` covers nothing as things stand: region (not stated) is not covered (scope-missing)",
        ),
        (
            &["--scope", "acme-api", "--effective", "2199-01-01"],
            "it is effective from 2199-01-01T00:00:00.000Z (agreement-not-yet)",
        ),
    ] {
        let name = format!("a{}", told.len());
        let text = add(&name, more);
        assert!(text.contains("recorded, version 1\nwarning: ") && text.contains(told), "{text}");
        done(folder.path(), &["agreement", "end", &name]);
    }
    let row =
        json(folder.path(), &["agreement", "add", "told", "--vendor", "acme", "--scope", "acme-api;model=x"]);
    assert_eq!(row["warnings"].as_array().unwrap().len(), 1, "{row}");
}

/// A version is a whole row: what it does not say again is let go in so many words, or not at all.
#[test]
fn nothing_is_dropped_by_leaving_it_out() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let add = ["service", "add", "acme-api", "--vendor", "acme", "--endpoint", "https://api.acme.example/v1"];
    let whole =
        ["--account", "org-42", "--region", "us", "--model", "large=acme-large,l", "--model", "small"];
    let price = ["--price", "large=3.00/15.00", "--no-store-field", "--tier", "scale", "--replace"];
    done(folder.path(), &[&add[..], &whole, &price].concat());

    let complaint = refused(folder.path(), &[&add[..], &["--model", "large", "--replace"]].concat(), 1);
    for lost in [
        "--model small",
        "--tier scale",
        "--account org-42",
        "--region us",
        "--no-store-field",
        "--model large=acme-large,l",
        "--price large=3.00/15.00",
    ] {
        assert!(complaint.contains(&format!("`{lost}`")), "{lost}: {complaint}");
    }
    assert!(complaint.contains("help  say it again, or let it go with `--drop`"), "{complaint}");
    assert_eq!(json(folder.path(), &["service", "show", "acme-api"])["version"], 2);
    done(folder.path(), &[&add[..], &whole, &price].concat());
    done(folder.path(), &[&add[..], &["--model", "large", "--replace", "--drop"]].concat());
    let body = &json(folder.path(), &["service", "show", "acme-api"])["body"];
    assert!(body.get("account").is_none() && body["models"][0].get("price").is_none(), "{body}");
    refused(folder.path(), &[&add[..], &["--model", "large", "--drop"]].concat(), 2);

    let budget = ["budget", "add", "b", "--window", "day", "--requests", "5"];
    done(folder.path(), &[&budget[..], &["--tokens", "1000"]].concat());
    let complaint = refused(folder.path(), &[&budget[..], &["--replace"]].concat(), 1);
    assert!(complaint.contains("`--tokens 1000`"), "{complaint}");
    let vendor = ["vendor", "add", "acme", "--legal-name", "Acme", "--replace"];
    done(folder.path(), &[&vendor[..], &["--party", "acme-group"]].concat());
    assert!(refused(folder.path(), &vendor, 1).contains("`--party acme-group`"));
    let agent = ["agent", "add", "a", "--title", "A", "--workflow", "w", "--purpose", "treatment"];
    done(folder.path(), &[&agent[..], &["--agent-version", "1.2.0"]].concat());
    assert!(
        refused(folder.path(), &[&agent[..], &["--replace"]].concat(), 1).contains("`--agent-version 1.2.0`")
    );
    let pool = ["pool", "add", "p", "--to", "acme-api/large"];
    done(
        folder.path(),
        &[&pool[..], &["--alias", "gpt-4o", "--spread", "balanced", "--attempts", "3"]].concat(),
    );
    let complaint = refused(folder.path(), &[&pool[..], &["--replace"]].concat(), 1);
    assert!(complaint.contains("`--alias gpt-4o`, `--spread balanced`, `--attempts 3`"), "{complaint}");
    let agreement = ["agreement", "add", "acme-baa", "--vendor", "acme", "--scope", "acme-api", "--replace"];
    let complaint = refused(folder.path(), &agreement, 1);
    assert!(complaint.contains("`--effective 2") && complaint.contains("`--no-training`"), "{complaint}");
}

#[test]
fn an_engagement_keeps_its_state_and_its_operator() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    done(folder.path(), &["engagement", "activate", "mercy"]);
    let again =
        ["engagement", "add", "mercy", "--title", "New", "--covered-entity", "mercy-hospital", "--replace"];
    let complaint = refused(folder.path(), &again, 1);
    assert!(complaint.contains("`--operator acme-agency`"), "{complaint}");
    done(folder.path(), &[&again[..], &["--operator", "acme-agency"]].concat());
    let body = &json(folder.path(), &["engagement", "show", "mercy"])["body"];
    assert_eq!((&body["title"], &body["state"]), (&"New".into(), &"active".into()));
}

#[test]
fn a_pool_that_hides_a_model_says_so() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let service = ["service", "add", "other", "--vendor", "acme", "--model", "small"];
    done(folder.path(), &[&service[..], &["--endpoint", "https://x.example/v1"]].concat());
    let told = done(folder.path(), &["pool", "add", "large", "--to", "acme-api/large", "--alias", "small"]);
    assert!(told.contains("warning: `small` is a model of service `other` too"), "{told}");
    assert!(!told.contains("`large` is a model"), "it leads to its own member: {told}");
}

#[test]
fn a_draft_says_who_does_what_next() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let drafted = with_input(
        folder.path(),
        &["terms", "add", "--kind", "allow", "-e", "mercy", "--author", "Lind"],
        "Apgar\n",
    );
    let told = said(&drafted);
    assert!(told.contains("another person"), "{told}{}", complained(&drafted));
    for command in told.lines().filter_map(|line| line.strip_prefix("  chaperon ")) {
        let words: Vec<_> = command.replace("NAME", "Okafor").split(' ').map(str::to_owned).collect();
        done(folder.path(), &words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    assert!(told.contains("terms review allow --version 1 --author NAME -e mercy"), "{told}");
    assert!(done(folder.path(), &["terms", "list"]).contains("reviewed"));
}

#[test]
fn rows_have_versions_and_are_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let again = ["vendor", "add", "acme", "--legal-name", "Acme Corporation"];
    let complaint = refused(folder.path(), &again, 1);
    assert!(complaint.contains("already") && complaint.contains("--replace"), "{complaint}");
    done(folder.path(), &[&again[..], &["--replace", "--author", "jane", "--reason", "renamed"]].concat());
    let versions = json(folder.path(), &["vendor", "show", "acme", "--history"]);
    assert_eq!(versions[0]["body"]["legal_name"], "Acme LLM, Inc.");
    assert_eq!(versions[0]["valid_to"], versions[1]["valid_from"]);
    assert_eq!(versions[1]["version"], 2);
    assert!(versions[1]["author"].as_str().unwrap().starts_with("jane (user "), "{versions}");

    let complaint = refused(folder.path(), &["vendor", "end", "acme"], 1);
    assert!(complaint.contains("still has services: `acme-api`"), "{complaint}");
    done(folder.path(), &["service", "end", "acme-api"]);
    done(folder.path(), &["vendor", "end", "acme"]);
    assert!(done(folder.path(), &["vendor", "list"]).contains("no vendor is recorded"));
    assert!(done(folder.path(), &["vendor", "list", "--all"]).contains("acme"));
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_no_row() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let service = [
        "service",
        "add",
        "other",
        "--vendor",
        "nobody",
        "--endpoint",
        "https://x.example/v1",
        "--model",
        "m",
    ];
    let complaint = refused(folder.path(), &service, 1);
    assert!(
        complaint.contains("no vendor `nobody`") && complaint.contains("chaperon vendor add"),
        "{complaint}"
    );
    let unknown =
        refused(folder.path(), &["agreement", "add", "x", "--vendor", "acme", "--scope", "nothing"], 1);
    assert!(
        unknown.contains("no service `nothing`") && unknown.contains("chaperon service list"),
        "{unknown}"
    );
    refused(folder.path(), &["vendor", "add", "x", "--legal-name", "X", "-e", "elsewhere"], 1);
    refused(folder.path(), &["engagement", "activate", "elsewhere"], 1);
    refused(folder.path(), &["agent", "rotate", "nobody"], 1);
    assert_eq!(json(folder.path(), &["service", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn keys_are_shown_once_and_secrets_never() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let agent =
        ["agent", "add", "letters", "--title", "Letters", "--workflow", "letters", "--purpose", "treatment"];
    let added = json(folder.path(), &agent);
    let first = added["key"].as_str().unwrap().to_owned();
    assert!(first.starts_with("chp_") && first.len() == 56, "{first}");
    let rotated = json(folder.path(), &["agent", "rotate", "letters"]);
    let second = rotated["key"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(rotated["ended"], 1);
    let shown = json(folder.path(), &["agent", "show", "letters"]);
    assert_eq!(shown["keys"].as_array().unwrap().len(), 1);
    assert_eq!(shown["keys"][0]["id"], rotated["id"]);

    let secret = "sk-made-up-9f3a";
    let output = with_input(folder.path(), &["service", "credential", "acme-api"], &format!("{secret}\n"));
    assert!(output.status.success(), "{}", complained(&output));
    let text = done(folder.path(), &["journal", "tail", "-n", "1000", "--json"]);
    assert!(text.contains("\"credential\""), "{text}");
    for hidden in [first.as_str(), &second, secret] {
        assert!(!text.contains(hidden));
        assert!(!holds(&folder.path().join("data"), hidden.as_bytes()), "a secret is in the data directory");
    }
    assert!(done(folder.path(), &["agent", "revoke", "letters"]).contains("1 key"));
    refused(folder.path(), &["agent", "revoke", "letters"], 1);
}

fn holds(folder: &Path, secret: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, secret);
        }
        path.is_file() && std::fs::read(&path).unwrap().windows(secret.len()).any(|window| window == secret)
    })
}

#[test]
fn every_change_is_an_entry() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    done(folder.path(), &["engagement", "activate", "mercy", "--reason", "both signed"]);
    let text = done(folder.path(), &["journal", "tail", "-n", "1000"]);
    for change in [
        "engagement `mercy` of mercy version 1",
        "vendor `acme`",
        "service `acme-api`",
        "agreement `acme-baa`",
    ] {
        assert!(text.contains(change), "{change}: {text}");
    }
    assert!(text.contains("engagement `mercy` of mercy version 2") && text.contains("both signed"), "{text}");
    assert_eq!(json(folder.path(), &["engagement", "show", "mercy"])["body"]["state"], "active");
}

#[test]
fn terminal_escapes_in_rows_and_reasons_do_nothing() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let vendor = ["vendor", "add", "evil", "--legal-name", "\u{202e}lanimret"];
    done(folder.path(), &vendor);
    let text = done(folder.path(), &["vendor", "list"]);
    assert!(text.contains("\\u{202e}lanimret"), "{text}");
    refused(folder.path(), &["vendor", "end", "evil", "--reason", "\u{1b}[2J"], 1);
}

#[test]
fn two_engagements_need_a_name() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    done(folder.path(), &["engagement", "add", "north", "--title", "N", "--covered-entity", "north"]);
    let complaint = refused(folder.path(), &["vendor", "add", "x", "--legal-name", "X"], 2);
    assert!(complaint.contains("--engagement"), "{complaint}");
    done(folder.path(), &["vendor", "add", "acme", "--legal-name", "X", "-e", "north"]);
    let text = done(folder.path(), &["vendor", "list"]);
    assert!(text.contains("ENGAGEMENT") && text.contains("north") && text.contains("mercy"), "{text}");
    assert!(!done(folder.path(), &["vendor", "list", "-e", "north"]).contains("Acme LLM"));
}

#[test]
fn a_policy_is_read_before_it_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let text = done(folder.path(), &["policy", "show"]);
    assert!(text.contains("the default holds") && text.contains("permit"), "{text}");
    std::fs::write(
        folder.path().join("bad.cedar"),
        "permit (principal, action, resource) when { context.nothing };",
    )
    .unwrap();
    let complaint = refused(folder.path(), &["policy", "set", "bad.cedar"], 1);
    assert!(complaint.contains("line 1"), "{complaint}");
    assert!(done(folder.path(), &["policy", "show"]).contains("the default holds"));
    let body: Value = json(folder.path(), &["policy", "show"]);
    std::fs::write(folder.path().join("good.cedar"), body["body"]["text"].as_str().unwrap()).unwrap();
    done(folder.path(), &["policy", "set", "good.cedar", "--reason", "as it was"]);
    let versions = json(folder.path(), &["policy", "show", "--history"]);
    assert_eq!(versions[0]["reason"], "as it was");
}

#[test]
fn check_says_what_is_covered() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let text = done(folder.path(), &["check", "--offline"]);
    assert!(text.contains("acme-api/large") && text.contains("not covered"), "{text}");
    assert!(text.contains("chain-broken"), "{text}");
    let link =
        ["agreement", "add", "agency", "--from", "mercy-hospital", "--to", "acme-agency", "--no-training"];
    done(folder.path(), &link);
    let text = done(folder.path(), &["check", "--offline"]);
    assert!(!text.contains("not covered") && text.contains("covered; no credential is recorded"), "{text}");
    assert!(
        text.contains("intact") && text.contains("1 vendor, 1 service, 2 agreements, 0 agents"),
        "{text}"
    );
}

/// What docs/start.md has its reader type, up to serving.
#[test]
#[expect(clippy::disallowed_methods, reason = "tests run the real binary")]
fn the_first_steps_on_the_page_work_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let page = include_str!("../../../docs/start.md");
    let steps = page.split("## Put it before a vendor").nth(1).unwrap().split("\n## ").next().unwrap();
    let script: String = steps.split("```sh").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let script = script.replace("chaperon check && chaperon serve", "chaperon check --offline");
    assert!(script.contains("agreement add") && script.contains("agent add"), "{script}");
    let key = folder.path().join("acme.key");
    std::fs::write(&key, "sk-made-up\n").unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_chaperon"));
    let output = std::process::Command::new("/bin/sh")
        .args(["-e", "-c", &script])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", binary.parent().unwrap())
        .output()
        .unwrap();
    let text = said(&output);
    assert!(output.status.success(), "{text}{}", complained(&output));
    assert!(text.contains("chp_") && text.contains("acme-api/acme-large"), "{text}");
    assert!(!text.contains("not covered") && !text.contains("no credential"), "{text}");
}
