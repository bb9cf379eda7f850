//! Every target over bytes that are nearly right: examples, cut, doubled, spliced and flipped by a seeded generator.

/// Mutants of each target; about a second each on a slow machine.
const MUTANTS: u64 = 20_000;

const CHAT: &str = r#"{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[
{"type":"text","text":"MRN 48213377 caf\u00e9 \ud83d\ude00"}],"name":"n"},{"role":"assistant","content":null,"tool_calls":[{"id":
"call_1","type":"function","function":{"name":"f","arguments":"{\"who\":\"Mr. Finchley\",\"n\":[1,2.50,-0]}"}}]},{"role":"tool",
"tool_call_id":"call_1","content":"{\"a\":{\"b\":null}}"}],"stream":true,"store":true,"x":{"1e5":1E5,"":""}}"#;
const MESSAGES: &str = r#"{"model":"m","max_tokens":9,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user",
"content":"Patient: Harold Finchley, DOB 03/14/1957"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f",
"input":{"ssn":"219-09-9998"}},{"type":"thinking","thinking":"t","signature":"c2ln"}]}],"metadata":{"user_id":"u"}}"#;
const GEMINI: &str = r#"{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":
"Patient: Harold Finchley"},{"inline_data":{"mimeType":"image/png","data":"AA=="}}]},{"role":"model","parts":{"functionCall":
{"name":"f","args":{"ssn":"219-09-9998"}},"thoughtSignature":"c2ln"}}],"generation_config":{"topK":4,"responseSchema":{"type":"STRING"}}}"#;
const EMBED: &str = r#"{"requests":[{"model":"models/m","content":{"parts":[{"text":"x"}]}}],"instances":[{"content":"x"}],
"content":{"parts":{"text":"x"}},"model":"models/m"}"#;
const CONVERSE: &str = r#"{"messages":[{"role":"user","content":[{"text":"MRN 48213377"},{"image":{"format":"png","source":{"bytes":
"iVBORw0KGgo="}}}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"f","input":{"a":1}}},{"reasoningContent":
{"reasoningText":{"text":"t","signature":"c2ln"}}}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{}}}}]}}"#;
const RESPONSES: &str = r#"{"model":"m","instructions":"Be brief.","input":[{"role":"user","content":[{"type":"input_text",
"text":"MRN 48213377"}]},{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"QUJD"},
{"type":"function_call","call_id":"c","name":"f","arguments":"{\"who\":\"Mr. Finchley\"}"},{"type":"function_call_output",
"call_id":"c","output":"{\"a\":null}"},{"id":"msg"}],"tools":[{"type":"shell"},{"type":"function","name":"f","parameters":{}}],
"stream":true,"text":{"format":{"type":"text"}}}"#;
const NOTE: &str = "Patient: Zebulon Quackenbush, MRN: 90417735, DOB 08/17/1931, SSN 219-09-9973, phone (617) 555-0191, \
    lives at 4417 Larkspur Lane, Springfield, IL 62704, zq@example.org, 203.0.113.77, VIN 1HGCM82633A004352, aged 97.";
const SAID: &str = "3**NAME-7K2M9Q** has `mrn_48xz20` and https://x.example/?q=NAME-7K2M9Q, [NAME\u{2011}7k2m9q](MRN-48XZ20) \
    MRN-48XZ2 NAME-7K2M9QQ";
const SETTINGS: &str = "listen = \"127.0.0.1:8787\"\ndata_dir = \"data\"\n[store]\nurl = { env = \"X\" }\n[root]\n\
    passphrase = { file = \"p\" }\n[limits]\nbody_bytes = 65536\ndepth = 32\n[log]\nformat = \"json\"\nlevel = \"info\"\n";

const CHAT_STREAM: &str = "7data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Mr. \"}}]}\n\n\
    : ping\r\n\r\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Fin\\u0063hley\"}},{\"index\":1,\"delta\":{\"tool_calls\":\
    [{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":\"}}]}}]}\n\n\
    data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
const MESSAGES_STREAM: &str = "3event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg\",\"type\":\"message\",\
    \"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":1}}}\n\n\
    event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
    event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n\
    event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
    event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n\
    event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
const GEMINI_STREAM: &str = "5data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hm\",\"thought\":true},{\"text\":\"Mr. \"}]}}]}\n\n\
    data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Fin\"},{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":\"b\"}}},\
    {\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.a\",\"stringValue\":\"x\",\"willContinue\":true}]}}]}}]}\n\n\
    data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"chley\"}]},\"finishReason\":\"STOP\"}],\"responseId\":\"r\"}\n\n";
const RESPONSES_STREAM: &str = "4event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\
    \"r\",\"status\":\"in_progress\",\"instructions\":\"Hi\",\"output\":[]}}\n\n\
    data: {\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"item_id\":\"i\",\"output_index\":0,\"content_index\":0,\
    \"delta\":\"Mr. \",\"logprobs\":[]}\n\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":2,\"item_id\":\"i\",\
    \"output_index\":0,\"content_index\":0,\"delta\":\"Fin\\u0063hley\",\"logprobs\":[{\"token\":\"F\"}]}\n\n\
    data: {\"type\":\"response.output_text.done\",\"sequence_number\":3,\"item_id\":\"i\",\"output_index\":0,\"content_index\":0,\
    \"text\":\"Mr. Finchley\",\"logprobs\":[]}\n\ndata: {\"type\":\"response.output_item.done\",\"sequence_number\":4,\
    \"output_index\":0,\"item\":{\"type\":\"message\",\"id\":\"i\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\
    \"text\":\"Mr. Finchley\"}]}}\n\ndata: {\"type\":\"response.completed\",\"sequence_number\":5,\"response\":{\"id\":\"r\",\
    \"status\":\"completed\",\"output\":[{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"}]}}\n\n";
const COMPLETION: &str = r#"5{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant",
"content":"Mr. Finchley","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"#;

struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() % end as u64) as usize }
    }
}

const TOKENS: [&[u8]; 16] = [
    b"\"", b"\\", b"{", b"}", b"[", b",", b":", b"\\u0061", b"\\ud800", b"\xff", b"\0", b"0", b"1e999",
    b"null", b"\n", b"-",
];

fn mutate(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let (a, b) = (numbers.below(bytes.len()), numbers.below(bytes.len()));
    let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 64));
    match numbers.below(6) {
        0 => bytes.truncate(a),
        1 if !bytes.is_empty() => bytes[a] ^= 1 << numbers.below(8),
        2 => drop(bytes.drain(from..to)),
        3 => {
            let piece = bytes[from..to].to_vec();
            bytes.splice(b..b, piece);
        }
        4 => drop(bytes.splice(a..a, TOKENS[numbers.below(TOKENS.len())].iter().copied())),
        _ if !bytes.is_empty() => bytes[a] = numbers.next() as u8,
        _ => {}
    }
}

fn run(target: fn(&[u8]), examples: &[&[u8]]) {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    target(b"");
    for example in examples {
        target(example);
        for _ in 0..MUTANTS / examples.len() as u64 {
            let mut bytes = example.to_vec();
            for _ in 0..1 + numbers.below(4) {
                mutate(&mut bytes, &mut numbers);
            }
            target(&bytes);
        }
    }
}

#[test]
fn json() {
    run(chaperon_fuzz::json, &[CHAT.as_bytes(), MESSAGES.as_bytes(), b"[1,\"\\u0000\",{\"a\":1e-7}]"]);
}

#[test]
fn request() {
    let bodies = [CHAT, RESPONSES, MESSAGES, GEMINI, EMBED, CONVERSE];
    run(chaperon_fuzz::request, &bodies.map(str::as_bytes));
}

#[test]
fn sse() {
    run(
        chaperon_fuzz::sse,
        &[CHAT_STREAM.as_bytes(), MESSAGES_STREAM.as_bytes(), b"4\xef\xbb\xbfdata\rdata:x\r\n\nid\n\n"],
    );
}

#[test]
fn eventstream() {
    let text = concat!("5", include_str!("../../crates/gateway/tests/golden/streams/converse.events"));
    let mut stream = b"7".to_vec();
    for data in ["{\"role\":\"assistant\"}", "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"Hi\"}}"] {
        gateway::protocol::eventstream::write_event("contentBlockDelta", data.as_bytes(), &mut stream);
    }
    let texts = concat!("3", include_str!("../../crates/gateway/tests/golden/streams/invoke.events"));
    let packed = "4chunk {\"type\":\"message_start\",\"message\":{\"content\":[]}}\n\
        chunk {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\
        chunk {\"type\":\"message_stop\"}\n!throttlingException {\"message\":\"slow down\"}\n";
    run(
        chaperon_fuzz::eventstream,
        &[text.as_bytes(), stream.as_slice(), texts.as_bytes(), packed.as_bytes()],
    );
}

#[test]
fn answer() {
    let streams = [CHAT_STREAM, RESPONSES_STREAM, MESSAGES_STREAM, GEMINI_STREAM, COMPLETION];
    run(chaperon_fuzz::answer, &streams.map(str::as_bytes));
}

/// An explicit DICOM file with a name, a sequence and a picture.
fn dicom() -> Vec<u8> {
    let element = |tag: [u8; 4], vr: &str, value: &[u8]| {
        let length = u16::try_from(value.len()).unwrap().to_le_bytes();
        [&tag[..], vr.as_bytes(), &length, value].concat()
    };
    let inside = element([8, 0, 0x55, 0x11], "UI", b"1.2.3.9\0");
    let length = u32::try_from(inside.len()).unwrap().to_le_bytes();
    let item = [&[0xFE, 0xFF, 0x00, 0xE0][..], &length, &inside].concat();
    [
        vec![0; 128],
        b"DICM".to_vec(),
        element([2, 0, 3, 0], "UI", b"1.2.3.4\0"),
        element([2, 0, 0x10, 0], "UI", b"1.2.840.10008.1.2.1\0"),
        element([8, 0, 0x20, 0], "DA", b"20240203"),
        [&[8, 0, 0x40, 0x11][..], b"SQ\0\0\xff\xff\xff\xff", &item, &[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]]
            .concat(),
        element([9, 0, 1, 0x10], "LO", b"private "),
        element([0x10, 0, 0x10, 0], "PN", b"Finchley^Harold "),
        element([0x10, 0, 0x20, 0], "LO", b"A17\\48213377"),
        [&[0xE0, 0x7F, 0x10, 0][..], b"OW\0\0\x02\0\0\0ab"].concat(),
    ]
    .concat()
}

#[test]
fn structure() {
    let texts: [&str; 8] = [
        "Harold was here.\n\nLater.",
        "{\"a\": [\"x\\u0041\\n\", 48213377, {\"Harold F\": -1.5e3}], \"b\": null}",
        "{\"mrn\": 1}",
        STRUCTURES[0],
        STRUCTURES[1],
        "id,\"na\"\"me\"\r\n1,\"Finchley,\nHarold\"\n2;3,\n",
        STRUCTURES[2],
        STRUCTURES[3],
    ];
    let mut examples: Vec<Vec<u8>> =
        (0_u8..).zip(texts).map(|(format, text)| [&[format][..], text.as_bytes()].concat()).collect();
    examples.push([vec![8], dicom()].concat());
    let examples: Vec<_> = examples.iter().map(Vec::as_slice).collect();
    run(chaperon_fuzz::structure, &examples);
}

const STRUCTURES: [&str; 4] = [
    r##"{"resourceType":"Bundle","entry":[{"fullUrl":"https://a.example/r4/Patient/p1","resource":{"resourceType":"Patient",
    "id":"p1","text":{"div":"<div title=\"a\">Seen: <b>Har<\/b>old &amp; <!-- c --><a href=\"#p1\">x<\/a><\/div>"},
    "identifier":[{"system":"urn:oid:1.2","value":"48213377"}],"name":[{"family":"Finchley"}],"photo":[{"contentType":
    "text/plain","data":"SGFyb2xk"}],"managingOrganization":{"reference":"Organization/o1/_history/2","display":"L"}}}]}"##,
    r#"{"resourceType":"Observation","subject":{"reference":"Patient?x=1"},"valueQuantity":{"value":9.5,"unit":"a"}}"#,
    "\x0BMSH|^~\\&|A\rPID|1||48213377^^^A^MR~2||F&v^H||19500314\r\nOBX|1|TX|1^N||Harold \\.br\\was~\\X41\\\rNTE|1||x\r\x1C\r",
    "<?xml version='1.0'?><ClinicalDocument xmlns='urn:hl7-org:v3'><id root='1.2' extension='D1'/><telecom value='tel:1'/>\
    <section><text>Seen <b>Har</b>old &amp;<![CDATA[ x]]><!-- c --></text></section><a representation='B64'>SGFy</a>\
    </ClinicalDocument>",
];

#[test]
fn detect() {
    run(chaperon_fuzz::detect, &[NOTE.as_bytes(), CHAT.as_bytes()]);
}

#[test]
fn restore() {
    run(chaperon_fuzz::restore, &[SAID.as_bytes(), NOTE.as_bytes()]);
}

#[test]
fn config() {
    run(chaperon_fuzz::config, &[SETTINGS.as_bytes()]);
}

/// Frames carry a checksum, which nearly no mutant keeps: every other one is given the right one again.
#[test]
fn frames() {
    let header = audit::Header {
        kind: audit::Kind::Control,
        slot: 0,
        epoch: 0,
        length: 15,
        position: 7,
        time: terms::UtcMillis(1_795_309_787_123),
        batch: 7,
    };
    let mut leaf = header.encode().to_vec();
    leaf.extend_from_slice(b"{\"kind\":\"stop\"}");
    let framed = |leaf: &[u8]| [leaf, &checksum(leaf).to_be_bytes()].concat();
    assert!(audit::parse_frame(&framed(&leaf)).is_ok(), "the example is a frame");
    let two = [framed(&leaf), framed(&leaf)].concat();
    run(chaperon_fuzz::frames, &[&framed(&leaf), &two]);
    let mut numbers = Numbers(7);
    for _ in 0..MUTANTS {
        let mut bytes = leaf.clone();
        mutate(&mut bytes, &mut numbers);
        chaperon_fuzz::frames(&framed(&bytes));
    }
}

/// CRC-32C, bit by bit.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 },
        )
    })
}
