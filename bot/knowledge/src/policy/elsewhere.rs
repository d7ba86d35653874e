//! What policies cannot answer, whatever stands in them.

/// Questions on a live state, a person, a secret or the bot itself: the caller routes them elsewhere.
pub(super) fn other_business(plain: &str) -> bool {
    let padded = format!(" {plain} ");
    let any = |list: &[&str]| list.iter().any(|p| padded.contains(&format!(" {p} ")));
    let now = any(&[
        "right now",
        "currently",
        "today",
        "at the moment",
        "now",
        "open",
        "tonight",
        "yesterday",
        "this week",
        "last week",
        "gerade",
    ]);
    let live =
        any(&["alert", "alerts", "incidents", "tickets", "logged in", "signed in", "online", "outage", "on duty"])
            && now;
    let on_call = any(&[
        "who is on call",
        "whos on call",
        "who is oncall",
        "on call right now",
        "on call today",
        "on call tonight",
        "on call now",
        "wer hat bereitschaft",
    ]);
    let people = any(&[
        "list of users",
        "list of employees",
        "list of people",
        "list all users",
        "names of the people",
        "which users",
        "which employees clicked",
        "my colleague at",
        "users without",
    ]);
    // "How do I thank somebody who reported a bug?" asks for no names.
    let people = people
        || ["who clicked", "who reported", "who failed", "whos clicked"].iter().any(|p| plain.starts_with(p))
        || any(&["tell me who", "show me who"]);
    let other_talk =
        any(&["ask you", "asked you", "tell you", "told you", "say to you", "said to you", "write to you"])
            && any(&["what did", "did"]);
    let secret = any(&[
        "api_key",
        "openai_api_key",
        "your token",
        "your key",
        "your config",
        "config toml",
        "admin password",
        "root password",
        "the password of",
        "password for the",
    ]) && any(&["give", "show", "print", "what is", "tell", "cat", "send"]);
    let orders = any(&[
        "ignore your previous",
        "ignore previous",
        "ignore all previous",
        "ignore your instructions",
        "ignore all instructions",
        "previous instructions",
        "prior instructions",
        "system prompt",
        "your instructions",
        "sudo mode",
        "developer mode",
        "jailbreak",
        "you are now",
        "act as",
        "pretend to be a",
        "pretend you are",
    ]);
    let play =
        any(&["write me a", "write a poem", "tell me a joke", "sing a", "poem", "joke", "will it rain", "weather"]);
    live || on_call || people || other_talk || secret || orders || play
}
