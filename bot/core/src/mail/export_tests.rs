use super::*;
use crate::text::defang;

fn mail(list: &[(IndicatorKind, &str)]) -> Analysis {
    Analysis {
        sha256: "ab".repeat(32),
        verdict: Verdict::Malicious,
        points: 4.0,
        kinds: 2,
        score: 0.93,
        reasons: Vec::new(),
        indicators: list
            .iter()
            .map(|(kind, v)| Indicator { kind: *kind, value: (*v).to_owned(), defanged: defang(v) })
            .collect(),
        campaign: None,
        unchecked: Vec::new(),
        from: "a@evil.example".into(),
        from_name: String::new(),
        subject: "=HYPERLINK(1)".into(),
        message_id: String::new(),
        body_hash: String::new(),
        lang: None,
    }
}

const ALL: &[(IndicatorKind, &str)] = &[
    (IndicatorKind::Url, "http://evil.example/a?b='c'\\"),
    (IndicatorKind::Domain, "evil.example"),
    (IndicatorKind::Email, "a@evil.example"),
    (IndicatorKind::Email, "reply@evil.example"),
    (IndicatorKind::Ip, "203.0.113.7"),
    (IndicatorKind::Ip, "[2001:db8::1]"),
    (IndicatorKind::Sha256, "00112233"),
    (IndicatorKind::Phone, "+49301234567"),
];

#[test]
fn cells_are_never_formulas() {
    for bad in ["=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u{200b}=1", "\u{202e}=1", "＝1", "\u{7}x"] {
        assert!(cell(bad).starts_with("\"'"), "{bad:?} {}", cell(bad));
    }
    assert_eq!(cell("a \"b\"\nc"), "\"a \"\"b\"\" c\"");
    let a = mail(ALL);
    let table = csv(&[Source { analysis: &a, at: None }]);
    assert_eq!(table.split("\r\n").filter(|l| !l.is_empty()).count(), 1 + ALL.len());
    assert!(table.contains("\"phone\",\"'+49301234567\""), "{table}");
}

#[test]
fn ids_are_those_of_the_standards() {
    // RFC 9562 appendix A.4.
    let dns = [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
    assert_eq!(uuid(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

#[test]
fn a_bundle_has_what_the_standard_asks_for() {
    let a = mail(ALL);
    let m = Source { analysis: &a, at: Some(Timestamp::UNIX_EPOCH) };
    let text = stix(&[m, m]);
    assert_eq!(text, stix(&[m]), "a mail handed in twice changes nothing");
    let v: Value = serde_json::from_str(&text).unwrap();
    let objects = v["objects"].as_array().unwrap();
    assert_eq!(objects.len(), 2 * (ALL.len() - 1));
    for o in objects {
        let (kind, id) = (o["type"].as_str().unwrap(), o["id"].as_str().unwrap());
        assert!(id.starts_with(&format!("{kind}--")) && id.len() == kind.len() + 38 && o["spec_version"] == "2.1");
        if kind == "indicator" {
            for key in ["created", "modified", "valid_from"] {
                assert_eq!(o[key], "1970-01-01T00:00:00.000Z");
            }
            assert!(o["pattern"].as_str().unwrap().starts_with('[') && o["pattern_type"] == "stix");
        }
    }
    let url = objects.iter().find(|o| o["type"] == "indicator").unwrap();
    assert_eq!(url["pattern"], "[url:value = 'http://evil.example/a?b=\\'c\\'\\\\']");
    assert!(objects.iter().any(|o| o["type"] == "ipv6-addr" && o["value"] == "2001:db8::1"));
}

#[test]
fn an_event_marks_only_what_is_malicious() {
    let mut a = mail(ALL);
    let read = |a: &Analysis| serde_json::from_str::<Value>(&misp(&Source { analysis: a, at: None })).unwrap();
    let e = read(&a);
    let list = e["Event"]["Attribute"].as_array().unwrap();
    assert_eq!(list.len(), ALL.len());
    assert!(list.iter().all(|x| x["to_ids"] == true));
    let kinds: Vec<&str> = list.iter().map(|x| x["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["url", "domain", "email-src", "email", "ip-dst", "ip-dst", "sha256", "phone-number"]);
    a.verdict = Verdict::LikelySafe;
    assert!(read(&a)["Event"]["Attribute"].as_array().unwrap().iter().all(|x| x["to_ids"] == false));
}
