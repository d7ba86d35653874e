//! Names that are often borrowed, with the domains their owners use. Hand-written from public knowledge of the
//! companies; domains of `example` kind are never listed.

/// A borrowed name.
pub(crate) struct Brand {
    /// As shown to people.
    pub name: &'static str,
    /// Folded spellings, matched as whole words.
    pub keys: &'static [&'static str],
    /// Registrable labels (any ordinary TLD) or whole domains of the owner.
    pub owns: &'static [&'static str],
    /// The name is also an ordinary word: it counts only when it stands alone in the display name.
    pub plain_word: bool,
}

const fn b(name: &'static str, keys: &'static [&'static str], owns: &'static [&'static str]) -> Brand {
    Brand { name, keys, owns, plain_word: false }
}
const fn w(name: &'static str, keys: &'static [&'static str], owns: &'static [&'static str]) -> Brand {
    Brand { name, keys, owns, plain_word: true }
}

/// The list.
#[rustfmt::skip]
pub(crate) const BRANDS: &[Brand] = &[
    // Software, cloud, communication.
    b("Microsoft", &[
        "microsoft", "office 365", "office365", "microsoft 365", "outlook", "onedrive", "sharepoint", "ms teams",
        "microsoft teams",
    ], &[
        "microsoft", "office", "office365", "outlook", "live", "onedrive", "sharepoint", "microsoftonline.com",
        "windows", "msn", "azure", "skype", "bing", "xbox", "aka.ms", "sharepointonline.com", "teams.ms",
    ]),
    b("Google", &[
        "google", "gmail", "google drive", "google workspace",
    ], &[
        "google", "gmail", "youtube", "googlemail", "goo.gl", "android", "withgoogle.com", "blogger", "g.co",
    ]),
    w("Apple", &[
        "apple", "icloud", "apple id", "app store", "apple pay", "itunes",
    ], &[
        "apple", "icloud", "me.com", "itunes",
    ]),
    b("Adobe", &["adobe", "acrobat", "adobe sign"], &["adobe", "adobesign", "acrobat", "echosign", "frame.io"]),
    b("DocuSign", &["docusign"], &["docusign"]),
    b("Dropbox", &["dropbox"], &["dropbox", "dropboxmail", "hellosign", "dropboxforms.com"]),
    b("WeTransfer", &["wetransfer"], &["wetransfer", "we.tl"]),
    b("Zoom", &["zoom video", "zoom meeting"], &["zoom", "zoomgov"]),
    b("GitHub", &["github"], &["github"]),
    b("LinkedIn", &["linkedin"], &["linkedin", "lnkd.in"]),
    b("Facebook", &[
        "facebook", "instagram", "whatsapp", "meta business", "meta for business", "meta support", "meta ads",
    ], &[
        "facebook", "facebookmail", "instagram", "whatsapp", "meta", "fb.com", "metamail.com", "threads",
    ]),
    b("Netflix", &["netflix"], &["netflix"]),
    b("Spotify", &["spotify"], &["spotify"]),
    b("Disney+", &["disney+", "disney plus", "disneyplus"], &["disney", "disneyplus", "go.com"]),
    b("Norton", &["norton", "lifelock", "norton lifelock"], &["norton", "nortonlifelock", "lifelock", "gendigital"]),
    b("McAfee", &["mcafee"], &["mcafee"]),
    b("Avast", &[
        "avast", "avira", "bitdefender", "kaspersky", "malwarebytes",
    ], &[
        "avast", "avira", "bitdefender", "kaspersky", "malwarebytes",
    ]),
    b("GoDaddy", &["godaddy"], &["godaddy", "secureserver.net"]),
    b("IONOS", &[
        "ionos", "1&1", "strato", "hostinger", "ovhcloud", "ovh",
    ], &[
        "ionos", "1und1", "strato", "hostinger", "ovh", "ovhcloud",
    ]),
    b("Geek Squad", &["geek squad", "best buy", "bestbuy"], &["geeksquad", "bestbuy"]),
    b("Intuit", &["quickbooks", "intuit", "turbotax"], &["intuit", "quickbooks", "turbotax"]),
    b("Roundcube", &["roundcube", "zimbra", "cpanel"], &["roundcube", "zimbra", "cpanel"]),
    // Shops.
    b("Amazon", &[
        "amazon", "amazon prime", "prime video", "aws",     ], &[
        "amazon", "amazonaws", "amazonses", "primevideo", "audible", "aboutamazon", "amazonpay", "a2z.com",
        "amzn.to",
    ]),
    b("eBay", &["ebay"], &["ebay"]),
    b("Walmart", &["walmart", "sam's club", "sams club"], &["walmart", "samsclub"]),
    b("Costco", &["costco"], &["costco"]),
    b("Lowe's", &[
        "lowes", "lowe's", "home depot", "kohls", "kohl's", "walgreens", "ace hardware", "harbor freight",
        "dick's sporting goods", "dicks sporting goods", "dollar general", "cvs pharmacy",
    ], &[
        "lowes", "homedepot", "kohls", "walgreens", "acehardware", "harborfreight", "dickssportinggoods",
        "dollargeneral", "cvs",
    ]),
    b("IKEA", &["ikea"], &["ikea"]),
    b("Lidl", &[
        "lidl", "aldi", "rewe", "edeka", "kaufland", "rossmann", "mediamarkt", "media markt", "saturn",
        "zalando", "decathlon", "carrefour", "auchan", "mercadona", "albert heijn", "bol.com",
        "kruidvat", "action.com", "obi baumarkt", "bauhaus", "hornbach", "tchibo",
    ], &[
        "lidl", "aldi", "aldi-sued", "aldi-nord", "rewe", "edeka", "kaufland", "rossmann", "mediamarkt",
        "saturn", "zalando", "decathlon", "carrefour", "auchan", "mercadona", "ah", "bol", "kruidvat",
        "action", "obi", "bauhaus", "hornbach", "tchibo",
    ]),
    b("Booking.com", &[
        "booking.com", "airbnb", "expedia", "tripadvisor", "hilton", "marriott",
    ], &[
        "booking", "airbnb", "expedia", "tripadvisor", "hilton", "marriott",
    ]),
    b("Starbucks", &["starbucks", "mcdonald's", "mcdonalds"], &["starbucks", "mcdonalds"]),
    b("Temu", &["temu", "shein", "aliexpress"], &["temu", "temuemail", "shein", "aliexpress"]),
    b("Samsung", &["samsung"], &["samsung"]),
    b("Mercado Livre", &[
        "mercado livre", "mercado pago", "magazine luiza", "magalu", "americanas",
    ], &[
        "mercadolivre", "mercadopago", "mercadolibre", "magazineluiza", "magalu", "americanas",
    ]),
    // Parcels.
    b("DHL", &["dhl", "dhl express", "dhl paket"], &["dhl", "deutschepost", "dpdhl"]),
    b("Deutsche Post", &["deutsche post"], &["deutschepost", "dhl"]),
    b("FedEx", &["fedex"], &["fedex"]),
    w("UPS", &["ups", "ups my choice", "ups express"], &["ups"]),
    b("USPS", &["usps", "us postal service", "united states postal service"], &["usps"]),
    b("DPD", &[
        "dpd", "gls paket", "hermes paket", "myhermes", "evri",
    ], &[
        "dpd", "gls", "gls-group", "hermesworld", "myhermes", "hermes-paket", "evri",
    ]),
    b("PostNL", &["postnl", "post nl", "bpost"], &["postnl", "bpost"]),
    b("La Poste", &[
        "la poste", "colissimo", "chronopost", "mondial relay",
    ], &[
        "laposte", "colissimo", "chronopost", "mondialrelay",
    ]),
    b("Correios", &["correios", "correos", "seur", "ctt expresso"], &["correios", "correos", "seur", "ctt"]),
    b("Royal Mail", &[
        "royal mail", "canada post", "australia post", "auspost", "swiss post", "die post",
    ], &[
        "royalmail", "canadapost", "canadapost-postescanada", "auspost", "swisspost", "post",
    ]),
    // Money.
    b("PayPal", &["paypal"], &["paypal", "paypalobjects.com", "paypal-communication", "venmo", "xoom"]),
    b("Klarna", &[
        "klarna", "cash app", "venmo", "zelle", "revolut", "n26", "western union", "moneygram",
    ], &[
        "klarna", "cash", "squareup", "venmo", "zellepay", "revolut", "n26", "westernunion", "moneygram",
    ]),
    w("Visa", &[
        "visa", "mastercard", "american express", "amex",
    ], &[
        "visa", "mastercard", "americanexpress", "aexp",
    ]),
    b("Bank of America", &[
        "bank of america", "wells fargo", "capital one", "jpmorgan", "citibank", "us bank",
    ], &[
        "bankofamerica", "bofa", "wellsfargo", "capitalone", "jpmorgan", "chase", "citi", "citibank", "usbank",
    ]),
    w("Chase", &["chase", "chase bank", "discover"], &["chase", "jpmorgan", "discover"]),
    b("HSBC", &[
        "hsbc", "barclays", "lloyds bank", "natwest", "santander", "bbva", "caixabank",
    ], &[
        "hsbc", "barclays", "lloydsbank", "natwest", "santander", "bbva", "caixabank", "gruposantander",
    ]),
    b("Sparkasse", &[
        "sparkasse", "volksbank", "commerzbank", "deutsche bank", "postbank", "comdirect", "targobank", "dkb",
        "raiffeisen", "raiffeisenbank", "easybank", "consorsbank",
    ], &[
        "sparkasse", "volksbank", "vr", "commerzbank", "deutsche-bank", "db", "postbank", "comdirect", "targobank",
        "dkb", "raiffeisen", "easybank", "consorsbank", "s-finanzportal",
    ]),
    b("ING", &[
        "ing diba", "ing-diba", "ing bank", "rabobank", "abn amro", "icscards",
    ], &[
        "ing", "ing-diba", "rabobank", "abnamro", "icscards",
    ]),
    b("Credit Agricole", &[
        "credit agricole", "societe generale", "bnp paribas", "la banque postale", "boursorama",
    ], &[
        "credit-agricole", "societegenerale", "bnpparibas", "labanquepostale", "boursorama",
    ]),
    b("Bradesco", &[
        "bradesco", "itau", "nubank", "banco do brasil", "caixa economica", "serasa", "livelo", "picpay",
        "banco inter", "pagseguro",
    ], &[
        "bradesco", "itau", "nubank", "bb", "caixa", "serasa", "serasaexperian", "livelo", "picpay", "bancointer",
        "pagseguro", "pagbank",
    ]),
    // Crypto.
    b("Binance", &["binance"], &["binance"]),
    b("Coinbase", &["coinbase"], &["coinbase"]),
    b("MetaMask", &["metamask", "meta mask"], &["metamask", "consensys"]),
    b("Ledger", &["ledger live", "ledger wallet", "trezor"], &["ledger", "trezor"]),
    w("Ledger", &["ledger"], &["ledger"]),
    b("Kraken", &[
        "kraken", "crypto.com", "trust wallet", "trustwallet", "opensea", "uniswap", "blockchain.com",
        "blockfi", "bitpanda", "bitvavo", "kucoin", "gemini exchange", "exodus wallet",
        "phantom wallet",
    ], &[
        "kraken", "crypto", "trustwallet", "opensea", "uniswap", "blockchain", "blockfi", "bitpanda",
        "bitvavo", "kucoin", "gemini", "exodus", "phantom",
    ]),
    w("Ripple", &[
        "ripple", "xrp", "stellar", "cardano", "solana",
    ], &[
        "ripple", "xrpl", "stellar", "cardano", "solana",
    ]),
    // State and health.
    b("Tax office", &[
        "elster", "bundeszentralamt fur steuern", "finanzamt", "hmrc", "irs", "receita federal", "impots.gouv",
        "agencia tributaria", "belastingdienst", "gov.br",
    ], &[
        "elster", "bund", "bzst", "gov.uk", "hmrc", "irs.gov", "gov.br", "fazenda", "impots", "gouv.fr",
        "agenciatributaria", "gob.es", "belastingdienst", "digid",
    ]),
    b("DigiD", &[
        "digid", "mijnoverheid", "ameli", "assurance maladie", "antai", "social security administration", "medicare",
    ], &[
        "digid", "mijnoverheid", "overheid", "ameli", "antai", "gouv", "ssa.gov", "medicare.gov", "cms.gov",
    ]),
    b("Detran", &["detran", "inss", "pedagio"], &["gov.br", "detran"]),
    b("ADAC", &["adac"], &["adac"]),
    b("United Healthcare", &[
        "united healthcare", "unitedhealthcare", "blue cross", "aetna", "humana", "omaha mutual",
    ], &[
        "uhc", "unitedhealthcare", "bcbs", "aetna", "humana", "mutualofomaha",
    ]),
    // Telephone and power.
    b("Telekom", &[
        "telekom", "t-online", "vodafone", "o2 online", "1und1",
    ], &[
        "telekom", "t-online", "vodafone", "o2", "o2online", "1und1", "t-mobile",
    ]),
    b("AT&T", &[
        "at&t", "verizon", "t-mobile", "xfinity", "comcast", "spectrum", "siriusxm", "sirius xm", "directv",
    ], &[
        "att", "verizon", "t-mobile", "xfinity", "comcast", "spectrum", "siriusxm", "directv",
    ]),
    b("Orange", &["orange bank", "free mobile", "sfr", "bouygues"], &["orange", "free", "sfr", "bouyguestelecom"]),
    b("KPN", &["kpn", "ziggo", "odido"], &["kpn", "ziggo", "odido"]),
    b("EDF", &["edf", "enel", "eneco", "vattenfall", "e.on"], &["edf", "enel", "eneco", "vattenfall", "eon"]),
];
