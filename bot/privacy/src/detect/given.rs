//! Given names, as a list of common knowledge: a capitalised word of it is a person, with the capitalised words behind
//! it. Names that are words, too, count only with a family name behind them or a cue before them.

use super::words::Words;

static CLEAR: Words = Words::new(include_str!("given.txt"));

/// Also English or German words, months, towns or brands.
static UNSURE: Words = Words::new(
    "will mark grace rose may april june hope bill art frank jack faith joy dawn summer autumn ivy iris lily daisy violet \
amber ruby pearl jade crystal olive heather hazel holly basil sage dale glen cliff rich drew chase hunter mason carter cooper tyler taylor \
parker austin dallas houston paris london florence vienna sydney madison savannah charlotte victoria virginia georgia carolina chelsea \
brooklyn chester lance miles pat rob sue don ray guy earl duke max ally angel christian dean grant rusty skip sandy sunny stormy star \
destiny harmony melody trinity chance pierce ty bud buddy ernest frank jean jan ming long van an so my in kim lee reed ward wade \
brook clay flint forest heath ford lane marina mercedes alexa siri felicity constance prudence patience honor justice journey blessing \
precious royal ace ash bay bear beau blaze bo colt dash fox gray jay lake lark nova ocean \
phoenix rain raven ridge river robin rowan sky storm wolf wren zion alba alma asia china india israel jordan kenya cuba chad niger \
salem ariel dove dior gene gale gay happy joker mercy merit norm opal ram rod sid sol tab tad terry tom trip vic wally watt yuri \
sean nick mike jeff josh carol rock dot dolly lux gen iva erin emery roman rich abel mac mack macs cody penny stone \
lin yan bing min ada java ella jose ben pablo dominique rex scout windsor mai ali ed al bo eve",
);

/// How much a word says that a person is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Clear,
    Unsure,
    No,
}

/// Looks a capitalised word up.
pub(super) fn given(word: &str) -> Given {
    if word.len() < 2 || word.len() > 24 {
        return Given::No;
    }
    // Double names: Anne-Marie, Jean-Luc.
    let first = word.split('-').next().unwrap_or(word);
    if (CLEAR.has(word) && !UNSURE.has(word)) || (first.len() < word.len() && first.len() > 2 && CLEAR.has(first)) {
        Given::Clear
    } else if UNSURE.has(word) {
        Given::Unsure
    } else {
        Given::No
    }
}
