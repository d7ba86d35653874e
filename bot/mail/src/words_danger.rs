//! Phrases of dangerous wishes. Own wording, from what such mails must say to work; hand-set.

use super::Topic;

pub(super) const PHRASES: &[(Topic, &[&str])] = &[
    (Topic::DoConfirm, &[
        "verify", "verifying", "verification", "confirm", "confirming", "validate", "validation", "update", "updating", "restore", "unlock", "reactivate", "re-activate", "recover",
        "secure your", "review your", "sign in to", "log in to", "login to", "upgrade", "renew", "keep your", "reconfirm", "authenticate",
        "bestatig*", "aktualisier*", "verifizier*", "uberpruf*", "freischalt*", "entsperr*", "reaktivier*", "wiederherstell*", "erneuer*", "anmelden",
        "confirme", "confirmar", "confirmacao", "atualize", "atualizar", "atualizacao", "verifique", "verificar", "regularize", "regularizar", "desbloque*", "valide", "validar", "reativ*",
        "bevestig*", "verifieer*", "controleer*", "bijwerk*", "werk uw", "vernieuw*", "activeer*", "deblokkeer*", "herstel*",
        "confirmez", "confirmer", "verifiez", "verifier", "mettre a jour", "mettez a jour", "actualisez", "reactiver", "debloquer", "validez", "valider", "renouvel*",
        "confirma", "actualice", "actualizar", "verifica", "restaur*", "reactiv*", "valida",
    ]),
    (Topic::MyAccount, &[
        "your account", "your mailbox", "your password", "your identity", "your wallet", "your email account", "your e-mail account", "your information", "your details", "your billing", "your payment", "account information",
        "your card", "your credentials", "mailbox", "your profile", "your bank", "account details", "payment details", "payment method", "billing information", "your membership", "your subscription", "your data", "my account", "account ownership", "your personal information", "email address", "the same password", "same password",
        "ihr konto", "ihres kontos", "ihrem konto", "ihre daten", "ihrer daten", "ihre identitat", "ihr passwort", "ihr kennwort", "zahlungsdaten", "kontodaten", "zugangsdaten", "bankdaten", "ihre angaben", "dein konto", "deine daten", "deinem konto", "benutzerkonto", "postfach", "ihre karte", "kundendaten", "zahlungsmethode", "ihre kreditkarte", "pushtan", "sicherheits-pin", "ihre telefonnummer", "personlichen daten",
        "sua conta", "seus dados", "seu cadastro", "sua senha", "seu cpf", "dados cadastrais", "seu acesso", "seu cartao", "sua identidade", "seu pagamento", "dados bancarios", "seu e-mail", "seu dispositivo",
        "uw account", "uw gegevens", "uw rekening", "uw wachtwoord", "uw identiteit", "je account", "je gegevens", "je rekening", "uw betaalgegevens", "uw pas", "uw betaalpas", "uw mailbox",
        "votre compte", "vos informations", "votre identite", "votre mot de passe", "vos donnees", "vos coordonnees", "votre messagerie", "votre carte", "votre moyen de paiement", "votre boite",
        "su cuenta", "sus datos", "su identidad", "su contrasena", "tu cuenta", "tus datos", "su tarjeta", "datos personales", "datos bancarios", "su informacion", "su buzon",
    ]),
    (Topic::Credential, &[
        "enter your password", "your password expires", "password expir*", "password will expire", "keep the same password", "keep same password", "keep current password", "login credentials", "confirm your identity", "verify your identity", "unusual sign-in", "unusual sign in", "unusual activity", "suspicious sign-in", "suspicious activity", "suspicious login", "new sign-in", "unauthorized login", "unauthorized access", "unauthorised access",
        "passwort lauft ab", "passwort ist abgelaufen", "kennwort lauft ab", "kennwort ist abgelaufen", "ungewohnliche aktivitat*", "verdachtige aktivitat*", "ungewohnliche anmeldung", "legitimier*", "identitat bestatigen", "pin ist abgelaufen",
        "senha expir*", "sua senha vai expirar", "novo acesso", "acesso suspeito", "atividade suspeita", "recadastr*", "token expir*",
        "wachtwoord verloopt", "wachtwoord is verlopen", "verdachte activiteit*", "ongebruikelijke activiteit", "identiteit bevestigen",
        "mot de passe expire*", "mot de passe va expirer", "activite inhabituelle", "activite suspecte", "connexion inhabituelle", "confirmer votre identite",
        "contrasena expira*", "contrasena caduca*", "contrasena va a caducar", "actividad sospechosa", "actividad inusual", "confirme su identidad",
    ]),
    (Topic::AccountThreat, &[
        "account has been suspended", "account is suspended", "account was suspended", "account suspen*", "account will be suspended", "account has been limited", "account has been locked", "account is locked", "account will be closed", "account will be deactivated", "account will be terminated", "account has been restricted", "account is restricted", "temporarily suspended", "temporarily locked", "will be permanently deleted", "permanently disabled", "permanently deleted", "avoid suspension", "avoid interruption", "service interruption", "storage is full", "storage full", "mailbox is full", "mailbox full", "quota exceeded", "storage limit", "exceeded your storage", "out of storage", "incoming messages", "pending messages", "undelivered messages", "messages on hold", "quarantined messages", "deactivation request", "closure of your account", "limited access", "access will be revoked", "lose access", "membership has expired", "subscription has expired", "subscription expired", "will be deleted", "will be removed soon", "photos and videos will", "your cloud", "storage has expired",
        "konto wurde gesperrt", "konto gesperrt", "konto eingeschrankt", "konto wurde eingeschrankt", "vorubergehend gesperrt", "vorubergehend eingeschrankt", "sperrung ihres", "sperrung", "wird gesperrt", "gesperrt wird", "deaktiviert wird", "wird deaktiviert", "wurde deaktiviert", "speicher voll", "speicherplatz", "postfach ist voll", "abonnement ist abgelaufen", "abo ist abgelaufen", "mitgliedschaft ist abgelaufen", "einschrankung", "loschung ihres", "wird geloscht", "geloscht werden",
        "conta suspensa", "conta foi suspensa", "conta bloqueada", "conta foi bloqueada", "sera bloquead*", "sera suspens*", "foi bloquead*", "cpf suspenso", "cpf irregular", "cnh suspensa", "suspensao", "bloqueio", "sera cancelad*", "sera encerrad*", "cancelamento", "caixa cheia", "pendencia*", "irregularidade*",
        "account is geblokkeerd", "rekening geblokkeerd", "account geblokkeerd", "wordt geblokkeerd", "is geblokkeerd", "tijdelijk geblokkeerd", "opgeschort", "wordt gedeactiveerd", "opslag vol", "opslagruimte", "abonnement is verlopen", "is verlopen", "wordt verwijderd", "verloopt vandaag",
        "compte suspendu", "compte a ete suspendu", "compte bloque", "compte est bloque", "compte limite", "sera suspendu", "sera desactive", "sera bloque", "suspension de votre", "boite pleine", "stockage", "abonnement a expire", "sera supprime*", "a expire",
        "cuenta suspendida", "cuenta ha sido suspendida", "cuenta bloqueada", "cuenta ha sido bloqueada", "sera suspendida", "sera bloqueada", "sera desactivada", "suspension de su", "almacenamiento", "suscripcion ha caducado", "ha caducado", "sera eliminad*",
    ]),
    (Topic::PaymentProblem, &[
        "payment failed", "payment was declined", "payment declined", "payment issue", "payment could not be processed", "problem with your payment", "update your payment", "billing problem", "billing issue", "payment details", "payment has been declined", "outstanding payment", "overdue invoice", "unpaid invoice", "past due", "remittance", "wire transfer", "proof of payment", "payment advice", "payment confirmation", "swift copy", "purchase order", "overdue balance", "amount due", "unpaid toll", "outstanding balance",
        "zahlung fehlgeschlagen", "zahlung abgelehnt", "zahlung konnte nicht", "offene rechnung", "unbezahlte rechnung", "mahnung", "zahlungsproblem", "zahlungserinnerung", "letzte mahnung", "uberweisung", "inkasso", "ausstehende zahlung", "offener betrag", "zahlungsinformationen", "lastschrift",
        "pagamento recusado", "pagamento pendente", "boleto", "fatura em aberto", "fatura vencida", "debito pendente", "pague agora", "efetue o pagamento", "pagamento nao", "divida", "nota fiscal", "multa", "codigo pix", "pix copia e cola", "comprovante",
        "betaling mislukt", "openstaande factuur", "betalingsherinnering", "onbetaalde factuur", "openstaand bedrag", "aanmaning", "betaling is geweigerd", "achterstand", "deurwaarder",
        "paiement refuse", "paiement echoue", "facture impayee", "defaut de paiement", "amende", "probleme de paiement", "paiement en attente", "montant du", "prelevement",
        "pago rechazado", "pago fallido", "factura pendiente", "pago pendiente", "problema con su pago", "importe pendiente", "multa pendiente", "transferencia",
    ]),
    (Topic::BankChange, &[
        "new bank details", "updated bank details", "change of bank", "changed our bank", "bank details have changed", "new account details", "updated banking", "new banking details", "change in our banking", "updated payment instructions", "new payment instructions", "bank account has changed", "remit payment to", "remit all payments", "account is under audit", "new iban", "our new bank account",
        "neue bankverbindung", "geanderte bankverbindung", "bankverbindung hat sich", "bankverbindung geandert", "neue iban", "neue kontoverbindung", "kontoverbindung geandert",
        "novos dados bancarios", "alteracao de dados bancarios", "mudamos de banco", "nova conta bancaria", "dados bancarios mudaram", "nova conta para pagamento",
        "nieuwe bankgegevens", "gewijzigde bankgegevens", "nieuw rekeningnummer", "bankrekening is gewijzigd", "rekeningnummer is gewijzigd",
        "nouvelles coordonnees bancaires", "changement de coordonnees bancaires", "nouveau rib", "changement de rib", "nouvel iban", "nouveau compte bancaire",
        "nuevos datos bancarios", "cambio de datos bancarios", "nueva cuenta bancaria", "hemos cambiado de banco", "cambio de cuenta bancaria", "nuevo iban",
    ]),
    (Topic::Payroll, &[
        "direct deposit", "payroll", "my salary account", "salary account", "change my bank", "paycheck", "next pay date", "my paycheck",
        "gehaltskonto", "gehaltsabrechnung", "lohnabrechnung", "meine bankverbindung", "mein gehalt", "gehaltszahlung",
        "folha de pagamento", "meu salario", "conta salario", "salarisrekening", "mijn salaris", "loonbetaling", "salarisbetaling",
        "mon salaire", "virement de salaire", "bulletin de paie", "compte pour mon salaire", "mi nomina", "mi salario", "cuenta de nomina",
    ]),
    (Topic::Buy, &[
        "buy", "purchase", "get me", "pick up", "need some", "kaufen", "besorgen", "besorg*", "comprar", "compre", "kopen", "koop", "acheter", "achetez", "achetes", "compra", "adquirir",
    ]),
    (Topic::GiftCard, &[
        "gift cards", "gift card", "itunes card*", "steam card*", "google play card*", "apple card*", "amazon card*", "scratch the", "scratch off", "scratch the back", "card codes",
        "geschenkkarten", "gutscheinkarten", "geschenkkarte", "guthabenkarten", "rubbelfeld", "freirubbeln", "cartoes-presente", "cartoes presente", "vale-presente", "vales-presente", "cartao presente",
        "cadeaubonnen", "cadeaukaarten", "cartes-cadeaux", "cartes cadeaux", "carte cadeau", "tarjetas regalo", "tarjetas de regalo", "tarjeta regalo",
    ]),
    (Topic::Callback, &[
        "call us at", "call us on", "call our", "contact our support at", "call immediately", "call now", "to cancel, call", "to cancel call", "to dispute", "toll free", "toll-free", "call the number", "call this number", "reach us at", "customer care number", "helpline", "help line", "support number", "speak to our", "call within",
        "rufen sie uns an", "rufen sie", "unter der nummer", "kostenlose hotline", "rufen sie sofort", "telefonisch unter", "ligue para", "ligue agora", "ligue imediatamente", "central de atendimento", "bel ons", "bel direct", "bel naar", "appelez", "appelez-nous", "contactez-nous au", "llame al", "llamenos", "llame inmediatamente", "llame ahora",
    ]),
    (Topic::Charge, &[
        "has been charged", "will be charged", "auto-renew*", "auto renew*", "has been renewed", "successfully renewed", "has been debited", "will be debited", "order confirmation", "your order has been placed", "renewal of your", "subscription renew*", "if you did not authorize", "did not authorize", "did not make this", "amount debited", "total amount",
        "wurde abgebucht", "wird abgebucht", "automatisch verlangert", "wurde verlangert", "abbuchung", "foi cobrad*", "sera cobrad*", "renovacao automatica", "foi debitado", "compra aprovada", "compra nao reconhecida", "wordt afgeschreven", "is afgeschreven", "automatisch verlengd", "a ete debite", "sera debite", "renouvele automatiquement", "renouvellement automatique", "se ha cobrado", "ha sido cargad*", "renovacion automatica", "se cargara",
    ]),
    (Topic::Mfa, &[
        "scan the qr code", "scan the code", "scan qr", "qr code below", "authenticator", "two-factor", "multi-factor", "2fa", "mfa", "two factor authentication", "security update required", "re-enroll", "grant access", "consent to", "approve the request",
        "qr-code scannen", "scannen sie den", "zwei-faktor*", "photo-tan", "phototan", "pushtan", "sicherheitsverfahren", "leia o qr code", "escaneie", "dois fatores", "scan de qr", "qr-code hieronder", "tweestaps*", "scannez le", "double authentification", "escanee", "codigo qr", "dos factores", "autenticacion",
    ]),
    (Topic::Recorded, &[
        "your webcam", "your camera", "recorded you", "adult sites", "adult websites", "porn", "masturbat*", "pleasuring yourself", "your contacts", "remote access to your", "trojan", "your device was infected", "i hacked", "hacked your", "full access to your",
        "ihre kamera", "deine kamera", "webcam", "aufgezeichnet", "pornoseiten", "gehackt", "sua camera", "gravei", "sites adultos", "hackeei", "invadi", "uw camera", "je camera", "opgenomen", "gehackt", "pornosites", "votre camera", "sites pour adultes", "j'ai enregistre", "pirate", "su camara", "grabe", "grabado", "sitios para adultos", "hackeado", "he hackeado",
    ]),
    (Topic::Extortion, &[
        "bitcoin wallet", "btc wallet", "send bitcoin", "bitcoin address", "btc address", "in bitcoin", "my bitcoin", "usd in btc", "my btc", "pay me", "i will send the video", "will be published", "send the video",
        "bitcoin-adresse", "bitcoin-wallet", "in bitcoin", "bitcoin an", "carteira bitcoin", "endereco bitcoin", "em bitcoin", "portefeuille bitcoin", "adresse bitcoin", "en bitcoin", "bitcoin adres", "cartera bitcoin", "monedero bitcoin", "direccion bitcoin",
    ]),
    (Topic::ParcelFee, &[
        "your parcel", "your package", "the parcel", "the package", "delivery attempt", "unable to deliver", "could not be delivered", "delivery failed", "customs fee", "customs duty", "shipping fee", "delivery fee", "redelivery", "reschedule your delivery", "reschedule delivery", "awaiting delivery", "held at", "package is waiting", "pending delivery", "shipment is on hold", "incomplete address", "missing address", "tracking code",
        "ihr paket", "dein paket", "ihre sendung", "zustellung", "zollgebuhr*", "zoll", "versandkosten", "versandgebuhr*", "lieferung konnte nicht", "nicht zugestellt", "lieferadresse", "paket wartet", "sendungsnummer",
        "sua encomenda", "seu pacote", "sua entrega", "taxa alfandegaria", "taxa de entrega", "objeto retido", "taxado", "tentativa de entrega", "pacote retido", "nao foi possivel entregar", "seu objeto",
        "uw pakket", "je pakket", "uw pakketje", "douanekosten", "invoerrechten", "verzendkosten", "bezorging", "levering", "niet bezorgd", "trackingcode",
        "votre colis", "frais de douane", "frais de livraison", "frais de port", "livraison", "reexpedition", "n'a pas pu etre livre",
        "su paquete", "tu paquete", "su envio", "gastos de aduana", "gastos de envio", "tasa de aduana", "tasas de aduana", "no se pudo entregar", "no pudo ser entregado", "entrega fallida",
    ]),
    (Topic::Wallet, &[
        "seed phrase", "recovery phrase", "secret phrase", "private key", "connect your wallet", "connect wallet", "claim your tokens", "claim tokens", "airdrop", "token allocation", "claim your allocation", "mint your", "free mint", "staking", "withdraw funds", "withdrawal", "wallet verification", "validate your wallet", "your wallet", "firmware update", "btc", "usdt", "ethereum", "crypto assets", "bitcoin", "mining balance", "xrp", "token", "nft",
        "auszahlung", "ihre wallet", "ihrer wallet", "kryptowahrung", "krypto", "carteira digital", "criptomoeda*", "retirada", "saque", "uw wallet", "cryptovaluta", "portefeuille crypto", "votre portefeuille", "cryptomonnaie*", "su billetera", "criptomoneda*", "retiro de fondos",
    ]),
    (Topic::Refund, &[
        "tax refund", "refund of", "your refund", "refund is pending", "refund pending", "eligible for a refund", "reimbursement", "unclaimed funds", "compensation payment", "economic impact", "stimulus",
        "steuererstattung", "ruckerstattung", "erstattung", "steuerruckzahlung", "guthaben", "restituicao", "reembolso", "valores a receber", "valor a receber", "teruggave", "terugbetaling", "belastingteruggave", "remboursement", "trop-percu", "devolucion de impuestos", "reembolso pendiente",
    ]),
    (Topic::BecOpening, &[
        "are you available", "are you at your desk", "quick task", "quick favor", "quick favour", "need a favor", "do me a favor", "are you in the office", "are you free", "handle this for me", "send me your cell", "your cell number", "your mobile number", "your whatsapp number", "personal number", "in a meeting right now", "i am in a meeting", "i'm in a meeting", "can't talk", "cannot talk", "get back to me as soon", "discreetly", "let me know if you are available", "kindly get back to me", "respond as soon as you",
        "sind sie am platz", "sind sie verfugbar", "sind sie im buro", "bist du verfugbar", "bist du im buro", "kurze aufgabe", "ich bin in einer besprechung", "in einem meeting", "ihre handynummer", "deine handynummer", "kleinen gefallen",
        "voce esta disponivel", "esta disponivel", "estou em reuniao", "estou numa reuniao", "preciso de um favor", "tarefa rapida", "seu numero de celular", "numero de whatsapp",
        "ben je beschikbaar", "bent u beschikbaar", "ik zit in een vergadering", "ik zit in een meeting", "klusje", "je mobiele nummer", "uw mobiele nummer",
        "etes-vous disponible", "es-tu disponible", "je suis en reunion", "une tache rapide", "besoin d'un service", "besoin d'une faveur", "votre numero de portable",
        "estas disponible", "esta usted disponible", "estoy en una reunion", "necesito un favor", "tarea rapida", "tu numero de movil", "su numero de movil",
    ]),
    (Topic::SharedFile, &[
        "shared a document", "shared a file", "shared with you", "secure document", "has shared", "view document", "view file", "document has been shared", "review and sign", "sign the document", "completed document", "please docusign", "protected document", "encrypted message", "secure message", "download the file", "see attached", "open the attachment", "attached document", "new fax", "fax document", "please review the attached",
        "dokument freigegeben", "hat ein dokument", "dokument ansehen", "dokument anzeigen", "sichere nachricht", "im anhang", "documento compartilhado", "compartilhou", "ver documento", "em anexo", "segue anexo", "heeft een document", "document bekijken", "in de bijlage", "a partage", "document partage", "voir le document", "ci-joint", "ha compartido", "documento compartido", "ver el documento", "adjunto",
    ]),
    (Topic::Voicemail, &[
        "voice message", "voicemail", "missed call", "new voice", "audio message", "sprachnachricht", "verpasster anruf", "mensagem de voz", "spraakbericht", "message vocal", "messagerie vocale", "mensaje de voz", "buzon de voz",
    ]),
    (Topic::Urgency, &[
        "immediately", "urgent", "urgently", "within 24 hours", "within 48 hours", "24 hours", "48 hours", "72 hours", "as soon as possible", "asap", "act now", "action required", "final notice", "final reminder", "last warning", "last reminder", "last chance", "expires today", "expire today", "failure to", "immediate action", "before it's too late", "without delay", "right away", "final warning", "attention required", "respond now", "today only",
        "sofort", "umgehend", "dringend", "innerhalb von 24", "innerhalb von 48", "24 stunden", "48 stunden", "unverzuglich", "letzte erinnerung", "letzte warnung", "letzte mahnung", "letzte mitteilung", "handeln sie jetzt", "jetzt handeln", "schnellstmoglich", "andernfalls", "nur noch heute", "nur heute", "frist",
        "imediatamente", "urgente", "em 24 horas", "24 horas", "48 horas", "ultimo aviso", "ultima chance", "evite", "prazo", "o quanto antes", "hoje mesmo", "ainda hoje", "expira hoje", "vence hoje", "termina hoje", "aviso final",
        "onmiddellijk", "dringend", "direct actie", "binnen 24 uur", "24 uur", "48 uur", "zo spoedig mogelijk", "laatste herinnering", "laatste waarschuwing", "laatste kans", "vandaag nog", "actie vereist",
        "immediatement", "urgent", "sous 24 heures", "24 heures", "48 heures", "dans les plus brefs delais", "dernier rappel", "derniere chance", "dernier avis", "action requise", "au plus vite", "expire aujourd'hui",
        "inmediatamente", "en 24 horas", "lo antes posible", "ultimo aviso", "ultima oportunidad", "accion requerida", "de inmediato", "caduca hoy", "ultimo recordatorio",
    ]),
    (Topic::Secrecy, &[
        "keep this confidential", "strictly confidential", "between us", "between you and me", "don't tell", "do not tell", "do not discuss", "don't share this", "keep it a surprise", "confidential matter", "confidential transaction", "utmost confidence", "discreet",
        "streng vertraulich", "unter uns", "niemandem", "vertraulich behandeln", "diskret", "mantenha sigilo", "sigilo", "entre nos", "nao comente", "confidencial", "vertrouwelijk", "onder ons", "tegen niemand", "strictement confidentiel", "entre nous", "ne parlez", "n'en parle", "discretion", "estrictamente confidencial", "entre nosotros", "no lo comente", "no se lo digas",
    ]),
    (Topic::Reply, &[
        "reply to this email", "reply to me", "get back to me", "write me", "contact me", "respond to this", "email me at", "via my private email", "my personal email", "antworten sie", "melden sie sich", "antworte mir", "responda a este", "entre em contato", "me responda", "reageer op", "neem contact op", "repondez", "repondez-moi", "contactez-moi", "responda a", "respondeme", "pongase en contacto",
    ]),
    (Topic::GenericGreeting, &[
        "dear customer", "dear client", "dear user", "dear valued", "dear member", "dear account", "dear email user", "dear sir/madam", "dear beneficiary", "dear winner", "dear friend", "dear recipient", "valued customer", "dear subscriber", "hello user", "hello customer", "dear cardholder", "dear sir or madam", "dear owner", "attention:", "dear beloved",
        "sehr geehrter kunde", "sehr geehrte kundin", "sehr geehrte damen und herren", "lieber kunde", "sehr geehrter nutzer", "sehr geehrter benutzer", "lieber nutzer", "liebe kundin", "guten tag kunde", "sehr geehrte/r", "sehr geehrte kunden", "sehr geehrte,", "hallo kunde", "lieber benutzer", "sehr geehrtes mitglied",
        "prezado cliente", "caro cliente", "prezado(a)", "estimado cliente", "prezado usuario", "prezado contribuinte", "ola cliente", "ola, cliente", "prezado titular", "prezado senhor", "caro usuario",
        "geachte klant", "beste klant", "geachte heer", "beste gebruiker", "geachte gebruiker", "geachte relatie", "beste lezer",
        "cher client", "chere cliente", "cher(e) client", "cher utilisateur", "bonjour cher", "madame, monsieur", "cher abonne", "cher membre",
        "estimado usuario", "querido cliente", "apreciado cliente", "estimado/a", "estimado titular", "estimada clienta",
    ]),
    (Topic::Button, &[
        "click here", "click below", "click the link", "click the button", "click on the link", "follow the link", "link below", "button below", "sign in", "log in", "login", "verify now", "confirm now", "update now", "get started", "claim now", "pay now", "view details", "review now", "check now", "renew now", "verify account", "track package", "track your", "claim here", "confirm here", "start here", "continue", "access now",
        "klicken sie hier", "klicken sie auf", "hier klicken", "jetzt bestatigen", "jetzt anmelden", "einloggen", "anmelden", "jetzt aktualisieren", "zum konto", "jetzt starten", "jetzt prufen", "jetzt verlangern", "weiter", "hier bestatigen", "bestatigen", "jetzt sichern",
        "clique aqui", "clique no", "clicando", "acesse", "acessar", "confirmar agora", "resgatar", "entrar", "saiba mais", "quero", "regularizar agora", "clique abaixo", "consultar",
        "klik hier", "klik op", "inloggen", "nu bevestigen", "ga naar", "bevestigen", "volgen", "nu betalen", "klik dan",
        "cliquez ici", "cliquez sur", "se connecter", "connectez-vous", "confirmer maintenant", "acceder", "je confirme", "suivre mon",
        "haga clic", "haz clic", "pulse aqui", "iniciar sesion", "acceda", "acceder a", "confirmar ahora", "haga click",
    ]),
    (Topic::ArchivePassword, &[
        "password for the archive", "archive password", "zip password", "file password", "password to open", "password for the file", "the password is", "password:", "pass:", "passwort lautet", "passwort:", "kennwort:", "archiv-passwort", "senha:", "senha do arquivo", "wachtwoord:", "mot de passe :", "mot de passe:", "contrasena:",
    ]),
    (Topic::EnableContent, &[
        "enable content", "enable editing", "enable macros", "inhalt aktivieren", "bearbeitung aktivieren", "makros aktivieren", "habilitar conteudo", "habilitar macros", "inhoud inschakelen", "activer le contenu", "activer les macros", "habilitar contenido",
    ]),
];
