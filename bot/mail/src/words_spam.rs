//! Phrases of unwanted mail that is a nuisance rather than a danger. Own wording; hand-set.

use super::Topic;

pub(super) const PHRASES: &[(Topic, &[&str])] = &[
    (Topic::Prize, &[
        "you have won", "you've won", "you won", "you are our winner", "you are the winner", "you are a winner", "our winner", "lucky winner", "claim your reward", "claim your prize", "claim your gift", "claim reward", "brand new reward", "exclusive reward", "your reward", "reward has arrived", "answer a few", "short survey", "quick survey", "take the survey", "you've been selected", "you have been selected", "you've been chosen", "you have been chosen", "been randomly selected", "congratulations", "congrats", "a chance to win", "chance to receive", "win a", "loyalty program", "promo reward", "gift card giveaway", "free gift", "tool set", "yeti", "survey reward",
        "sie haben gewonnen", "du hast gewonnen", "gewinner", "gewinnspiel", "herzlichen gluckwunsch", "gluckwunsch", "gratulieren", "auserwahlt*", "belohnung", "ihr gewinn", "ihre pramie", "gratis sichern", "kostenlos sichern", "kostenloses", "umfrage", "auserkoren", "gratis", "geschenk",
        "voce ganhou", "parabens", "premio", "sorteio", "foi sorteado", "resgate seus pontos", "pontos acumulados", "seus pontos", "pontos expiram", "programa de pontos", "milhas", "foi contemplado", "brinde", "selecionado",
        "u heeft gewonnen", "je hebt gewonnen", "gefeliciteerd", "winnaar", "prijs winnen", "geselecteerd", "beloning", "cadeaukaart van", "kans op", "win een", "gratis", "prijswinnaar", "enquete",
        "vous avez gagne", "felicitations", "gagnant", "tirage au sort", "recompense", "votre cadeau", "vous avez ete selectionne*", "tentez de gagner", "gagnez", "sondage",
        "ha ganado", "has ganado", "felicidades", "enhorabuena", "ganador", "recompensa", "ha sido seleccionado", "ha sido elegido", "sorteo", "premio", "encuesta",
    ]),
    (Topic::AdvanceFee, &[
        "next of kin", "beneficiary", "inheritance", "late client", "unclaimed", "million dollars", "million usd", "million united states dollars", "million euro*", "atm card", "consignment", "deceased", "barrister", "diplomat", "business proposal", "mutual benefit", "investment proposal", "foreign partner", "fund transfer", "transfer of funds", "compensation fund", "donation of", "donate", "widow", "god bless you", "bank draft", "humanitarian", "charity project", "lottery", "overdue fund*", "united nations", "contract payment", "something to disclose", "i have a proposal", "business deal", "percent of the",
        "erbschaft", "nachlass", "millionen euro", "begunstigter", "spende", "geschaftsvorschlag", "heranca", "milhoes de", "beneficiario", "proposta de negocio", "doacao", "erfenis", "miljoen euro", "begunstigde", "zakenvoorstel", "heritage", "millions d'euros", "beneficiaire", "proposition d'affaires", "herencia", "millones de", "propuesta de negocio", "donacion",
    ]),
    (Topic::Casino, &[
        "casino", "free spins", "freispiele", "spins", "slots", "jackpot", "welcome bonus", "willkommensbonus", "no deposit", "bonus code", "betting", "roulette", "deposit bonus", "gratis spins", "bonus de bienvenue", "tours gratuits", "giros gratis", "bono de bienvenida", "rodadas gratis", "apostas", "tigrinho", "gokken", "welkomstbonus", "wetten",
    ]),
    (Topic::Dating, &[
        "dating", "singles", "lonely", "hot women", "hookup", "sexy", "meet women", "your match", "perfect matches", "milf", "naked", "flirt*", "horny", "ukrainian", "russian women", "sex chat", "private photos", "fick*", "sextreffen", "nackt", "erotik", "heisse", "kennenlernen", "hat dir eine nachricht", "mulheres", "encontros", "afspreken", "rencontre*", "femmes", "citas", "mujeres", "sensual", "sent you a photo", "slet", "geile",
    ]),
    (Topic::Health, &[
        "weight loss", "lose weight", "belly fat", "burn fat", "keto", "cbd", "gummies", "blood sugar", "diabetes", "erectile", "viagra", "cialis", "testosterone", "enlarge*", "joint pain", "nerve pain", "neuropathy", "tinnitus", "hearing aid", "miracle", "toenail fungus", "prostate", "pharmacy", "doctors hate", "abnehmen", "fettverbrennung", "potenz", "gewichtsverlust", "schmerzen", "blutzucker", "emagrec*", "emagrecer", "impotencia", "afvallen", "gewicht verliezen", "perdre du poids", "minceur", "adelgazar", "perder peso", "medicare", "dental", "vision loss", "memory loss", "plano de saude", "horgerat*", "mutuelle",
    ]),
    (Topic::Loan, &[
        "loan offer", "personal loan", "pre-approved", "preapproved", "low interest", "mortgage", "refinanc*", "debt relief", "credit score", "home warranty", "auto warranty", "car insurance", "auto insurance", "life insurance", "solar panel*", "solar", "roof", "gutter", "walk-in", "claims review", "settlement", "you may qualify", "may be eligible", "timeshare", "bathroom", "windows replacement", "reverse mortgage", "final expense", "kredit", "darlehen", "sofortkredit", "versicherung", "photovoltaik", "solaranlage", "warmepumpe", "treppenlift", "emprestimo", "credito", "consignado", "seguro auto", "energia solar", "consorcio", "lening", "zonnepanelen", "verzekering", "traplift", "pret personnel", "credit", "panneaux solaires", "assurance", "pompe a chaleur", "prestamo", "paneles solares", "seguro", "bitcoin trading", "make money", "earn money", "passive income", "trading bot", "investment opportunity", "crypto trading", "guadagn*", "reich werden",
    ]),
    (Topic::Marketing, &[
        "special offer", "limited time", "limited-time", "limited offer", "exclusive offer", "exclusive deal", "discount", "% off", "shop now", "order now", "buy now", "free shipping", "best price", "sale ends", "get yours", "this is an advertisement", "advertisement", "clearance", "save up to", "third party", "3rd party", "promotional", "offer expires", "special price", "cheap", "only today", "learn more", "get your free", "coupon", "money back", "money-back", "guarantee*",
        "angebot", "rabatt", "jetzt bestellen", "jetzt kaufen", "sonderangebot", "nur fur kurze zeit", "exklusiv*", "gutschein", "sparen sie", "zeitlich begrenzt", "anzeige", "werbung", "oferta", "desconto", "aproveite", "promocao", "compre agora", "tempo limitado", "cupom", "frete gratis", "economize", "aanbieding", "korting", "bestel nu", "exclusief", "tijdelijk", "promotion", "offre exclusive", "reduction", "profitez", "commandez", "offre limitee", "descuento", "aprovecha", "compra ahora", "oferta exclusiva", "tiempo limitado", "seo", "backlinks", "website design", "mailing list database", "leads",
    ]),
    (Topic::Unsubscribe, &[
        "unsubscribe", "opt out", "opt-out", "no longer wish to receive", "remove me", "remove yourself", "stop receiving", "email preferences", "manage your preferences", "to be removed", "abmelden", "abbestellen", "abzumelden", "austragen", "keine weiteren e-mails", "descadastr*", "cancelar inscricao", "deixar de receber", "nao deseja mais receber", "sair da lista", "uitschrijven", "afmelden", "af te melden", "desabonn*", "se desinscrire", "ne plus recevoir", "darse de baja", "dar de baja", "cancelar suscripcion", "cancelar la suscripcion",
    ]),
];
