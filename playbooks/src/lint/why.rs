//! Why a finding matters, in one sentence. The pages under `bot/docs/errors` say more.

/// Code and sentence, in order.
const WHY: &[(&str, &str)] = &[
    ("NB1001", "what cannot be read is not guessed; nothing else in the file was checked"),
    ("NB1002", "other readers would take one of the two silently"),
    ("NB1003", "nothing is skipped silently: a misspelled key would have no effect"),
    ("NB1004", "a value is never bent into another type, so that `NO` stays a country and 30 gets a unit"),
    ("NB1005", "the limits keep a playbook readable and its checks fast"),
    ("NB1006", "the text would differ from what runs"),
    ("NB1007", "the file was saved in another encoding or is not a text file"),
    ("NB1008", "one file is one playbook: a second document would have no name"),
    ("NB1009", "many YAML readers turn a bare `on` into `true`"),
    ("NB1010", "there is no default that would be right for everybody"),
    ("NB1101", "`steps.<id>` must mean exactly one step"),
    ("NB1102", "ids and names stand in expressions, so their form is fixed"),
    ("NB1103", "a step does exactly one thing"),
    ("NB1104", "cases are tried in order and the first true one runs"),
    ("NB1105", "an empty branch is most often a left-over"),
    ("NB1106", "a loop without an end is found at night"),
    ("NB1107", "what never runs is either forgotten or stands in the wrong place"),
    ("NB1108", "it would have no effect here"),
    ("NB1109", "`timeout` on the step is the only place for a deadline"),
    ("NB1110", "the failure handler runs once and must not wait for anybody"),
    ("NB1201", "the expression would fail when the step runs"),
    ("NB1202", "at this point it has no result yet"),
    ("NB1203", "it runs many times, so there is no single result"),
    ("NB1204", "in an expression `-` is a subtraction"),
    ("NB1205", "a value that is not there ends the run with NB2010"),
    ("NB1206", "it was forgotten, or it is misspelled where it should be used"),
    ("NB1207", "whichever comes last wins, and that differs from run to run"),
    ("NB1301", "a condition is an expression already; in braces it would be text"),
    ("NB1302", "nothing is taken for true by itself"),
    ("NB1303", "compared as they are, the result would be wrong without notice"),
    ("NB1304", "an expression that cannot be read cannot be evaluated"),
    ("NB1305", "people would read brackets and quotes"),
    ("NB1306", "logic belongs in steps, where the graph, the tests and the journal see it"),
    ("NB1307", "only the filters, tests and functions of the language are known to be safe"),
    ("NB1308", "the comparison always comes out the same way"),
    ("NB1401", "nothing would be there to do it"),
    ("NB1402", "the action would refuse the call"),
    ("NB1403", "the value would never be there"),
    ("NB1404", "the step would fail at run time"),
    ("NB1405", "the step would fail with NB2403"),
    ("NB1501", "how long silence may last is a decision for the author"),
    ("NB1502", "silence is the most frequent answer at night; without `on_timeout` the run fails there"),
    ("NB1503", "to escalate means to ask the next level of people"),
    ("NB1504", "the question is closed by then"),
    ("NB1505", "the run would end first, and what follows would never happen"),
    ("NB1506", "whoever stole an account works at night; the deadline would sleep until morning"),
    ("NB1601", "chat is kept, searched and forwarded"),
    ("NB1602", "the list at the top shows a reader which secrets a playbook can touch"),
    ("NB1603", "it would be written to the journal and shown"),
    ("NB1604", "whoever writes that text could add a line, a parameter or a link"),
    ("NB1701", "a human says yes to the exact arguments before anything changes"),
    ("NB1702", "nobody approves at their own request or in their own matter"),
    ("NB1703", "the approval could never be granted and would always expire"),
    ("NB1704", "a no is an answer, not an error: the run goes on"),
    ("NB1705", "decisions at night are sometimes wrong; a way back makes them cheaper"),
    ("NB1706", "a model can be led by the text it reads; it must not choose what is done to whom"),
    ("NB1801", "runs, approvals and reports name the version"),
    ("NB1802", "nobody could say which of the two ran"),
    ("NB1803", "reports by technique would miss it"),
    ("NB1901", "a playbook runs when people have no time to look for mistakes"),
    ("NB1902", "these are the parts that run at night, when nobody answers"),
];

/// The sentence of a code of the checker.
pub fn why(code: &str) -> Option<&'static str> {
    WHY.iter().find(|(c, _)| *c == code).map(|(_, w)| *w)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::CATALOGUE;

    #[test]
    fn every_code_of_the_checker_has_a_reason() {
        let of_lint: Vec<&str> = CATALOGUE.iter().map(|(c, _)| *c).filter(|c| *c < "NB2").collect();
        let explained: Vec<&str> = WHY.iter().map(|(c, _)| *c).collect();
        assert_eq!(of_lint, explained);
    }
}
