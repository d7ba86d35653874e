//! Wordings that address a machine. Weights are set by hand: 0.6 is suspicious alone, two of 0.35 are together.

/// Name, weight, pattern over the folded text (small letters, single blanks).
pub(super) const WORDINGS: &[(&str, f64, &str)] = &[
    // Orders about the reader's own rules.
    (
        "override",
        0.8,
        r"\b(?:ignore|disregard|forget|forgot|neglect|overrule)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|preceding|foregoing|all|any|your|every|the|these|those)\b[^.\n]{0,24}\b(?:instructions?|rules?|prompts?|messages?|guidelines?|directions?|directives?|programming|guardrails|commands?|orders?|context|constraints?)\b",
    ),
    (
        "override",
        0.8,
        r"\b(?:ignore|disregard|forget|forgot|override|bypass|drop|do not follow|don't follow|stop following)\b[^.\n]{0,30}\b(?:previous|prior|preceding|your)\b[^.\n]{0,24}\b(?:instructions?|rules?|prompts?|guidelines?|directives?|polic(?:y|ies)|training|programming|restrictions?|filters?|safeguards?|guardrails)\b",
    ),
    (
        "override",
        0.7,
        r"\b(?:ignore|disregard|forget) (?:the |all |everything )?(?:above|previous|preceding|earlier|before)\b",
    ),
    (
        "override",
        0.6,
        r"\b(?:ignore|disregard|forget) the \w+(?: \w+)? and (?:just |only |instead )?(?:say|state|print|write|output|answer|reply|respond|tell|indicate|report|return|conclude)\b",
    ),
    (
        "override",
        0.8,
        r"ignorier\w*[^.\n]{0,40}(?:anweisung|vorherig|bisherig|regel|vorgabe|obig)|vergiss[^.\n]{0,30}(?:anweisung|regel|alles|vorher|bisher)|missachte[^.\n]{0,30}(?:anweisung|regel)",
    ),
    (
        "override",
        0.8,
        r"(?:ignore[zr]?|oublie[zr]?|ne tene?z pas compte)\b[^.\n]{0,40}(?:instruction|consigne|règle|regle|précédent|precedent|ci-dessus|fonction)",
    ),
    (
        "override",
        0.8,
        r"(?:ignor[ae]|ignore|olvid[ae]|omite|haz caso omiso)\b[^.\n]{0,40}(?:instruccion|regla|anterior|previa|indicacion)",
    ),
    (
        "override",
        0.8,
        r"(?:ignor[ai]|dimentica|trascura)\w*\b[^.\n]{0,40}(?:istruzion|regol|precedent|indicazion)|(?:ignore|esqueça|desconsidere)\b[^.\n]{0,40}(?:instruç|regra|anterior)",
    ),
    (
        "override",
        0.8,
        r"negeer\b[^.\n]{0,40}(?:instructie|regel|vorige|voorgaande)|zignoruj[^.\n]{0,40}(?:instrukcj|polece|poprzedni)|(?:игнорируй|забудь|не обращай)[^.\n]{0,60}(?:инструкц|правил|указан|предыдущ)",
    ),
    (
        "override",
        0.8,
        r"(?:忽略|无视|無視|忘记|忘記)[^。\n]{0,20}(?:指令|指示|规则|規則|提示|之前|以上|上面)|(?:指示|命令|ルール|プロンプト)[^。\n]{0,10}(?:無視|忘れ)|(?:지시|명령|규칙)[^.\n]{0,10}(?:무시|잊)|تجاهل[^.\n]{0,40}(?:التعليمات|الأوامر|السابقة)",
    ),
    // The reader's own instructions and secrets.
    (
        "prompt",
        0.7,
        r"\b(?:system|initial|starting|original|hidden|base|secret|developer|first) (?:prompt|instructions?|message|directives?)\b",
    ),
    (
        "prompt",
        0.65,
        r"\b(?:my|your) (?:initial |exact |own |full |original |internal |previous |complete )*(?:instructions|prompt|directives|programming|pre-prompt|guidelines) (?:are|is|were|verbatim|above|in full|word for word)\b|\b(?:what|which) (?:are|is|were) your (?:\w+ )?(?:instructions|prompt|directives|rules|guidelines)\b",
    ),
    (
        "prompt",
        0.65,
        r"\b(?:repeat|print|output|show|reveal|display|return|write|copy|summari[sz]e|translate|encode|quote|list|give me|recite|dump|leak)\b[^.\n]{0,30}\b(?:everything|all|text|words|message|content|conversation|lines?)\b[^.\n]{0,20}\b(?:above|before (?:this|it)|given (?:to )?(?:you )?(?:initially|at the start)|you were given|so far|prior to)\b",
    ),
    (
        "prompt",
        0.65,
        r"\b(?:the )?(?:text|words|lines|message) (?:you were|that was|you have been) (?:given|told|shown|provided)\b|\byou (?:were|are|have been) (?:instructed|told|programmed|configured|not supposed|not allowed|forbidden)\b|\bi (?:was|am|have been) instructed to\b",
    ),
    (
        "prompt",
        0.65,
        r"\b(?:are|were) you (?:not supposed|not allowed|forbidden|instructed|told) to\b|\bwhat (?:can't|can you not|must you not) (?:tell|say|reveal)\b",
    ),
    (
        "prompt",
        0.7,
        r"\b(?:systemprompt|system-prompt|deine (?:anweisungen|systemanweisung|regeln)|tes (?:instructions|consignes)|tus instrucciones|le tue istruzioni|suas instruções|твои инструкции|系统提示|システムプロンプト|시스템 프롬프트)",
    ),
    (
        "secret",
        0.65,
        r"(?:\bwhat(?:'s| is| was| would| could| might)(?: be)? |\b(?:tell me|give me|share|reveal|disclose|repeat|spell|write|print|encode)\b[^.?!\n]{0,24}\b)(?:your|the|this|that)(?: secret| real| actual| hidden| current| master)* (?:password|passphrase|passcode|secret key|secret word|secret|pass phrase|flag|api key|access code)\b(?: \w+){0,8}[.?!]?(?:\s|$)",
    ),
    (
        "secret",
        0.6,
        r"\b(?:poem|story|song|riddle|acrostic|haiku|pig latin|leetspeak|morse|rot13|base64|backwards?|reversed?|hints?|rhymes?)\b[^.\n]{0,40}\b(?:password|passphrase|passcode|secret)\b|\b(?:password|passphrase|passcode|secret)\b[^.\n]{0,40}\b(?:poem|story|song|riddle|acrostic|haiku|pig latin|leetspeak|morse|rot13|base64|backwards|letter by letter)\b",
    ),
    (
        "secret",
        0.65,
        r"(?:パスワード|密码|密碼|暗号|비밀번호)[^\n]{0,8}(?:何|教え|是什么|是多少|告诉|뭐|무엇|알려)|\b(?:was ist|nenn[e]? mir|verrat[e]? mir|sag mir)\b[^.\n]{0,20}\b(?:passwort|kennwort|geheimnis)|quel est (?:le|ton|votre) mot de passe|(?:cuál|cual) es (?:la|tu) contraseña|qual è la (?:tua )?password|какой (?:у тебя )?пароль|qual é a (?:sua )?senha",
    ),
    (
        "personal",
        0.6,
        r"\b(?:give|tell|send|show|reveal)\b(?: me| us)? [a-z]+'s (?:\w+ )?(?:birth ?date|date of birth|email address|home address|phone number|password|salary|address|ssn)\b|\busing [a-z]+'s (?:email address|password|phone number|identity)\b",
    ),
    // Addressing a machine.
    (
        "machine",
        0.6,
        r"\b(?:dear|attention|note (?:to|for)|message (?:to|for)|instructions? (?:to|for)|hey|hi|hello|to the|attn:?)\s+(?:the |any |all )?(?:\w+ )?(?:ai|a\.i\.|llm|gpt|chatgpt|language model|ai model|ai assistant|ai analyst|virtual assistant|chatbot|copilot|claude|gemini|automated (?:analyst|analysis|reader|system)|triage bot|security bot)\b",
    ),
    (
        "machine",
        0.6,
        r"\b(?:ai|llm|assistant|bot|gpt|model|analyst) ?(?:note|instruction|directive|hint|override|command|message)s?\s*:",
    ),
    (
        "machine",
        0.55,
        r"\b(?:as|you're|you are|you're now|acting as|be) an? (?:ai\b|llm\b|(?:large )?language model|ai assistant|artificial intelligence|chatbot|uncensored)",
    ),
    (
        "machine",
        0.55,
        r"\bif you(?:'re| are) an? (?:\w+ )?(?:ai|llm|language model|bot|assistant|automated)\b|\bai personalit|\banother ai\b",
    ),
    ("machine_word", 0.3, r"\b(?:chat ?gpt|llms?|language model)\b"),
    // Another role.
    (
        "role",
        0.65,
        r"\b(?:you are now|you will now|from now on,? you|you're now|now act as|i want you to act|act as (?:if|though)|you must (?:now )?act|pretend (?:that you|you(?:'re| are)|we(?:'re| are))|roleplay as|role-play as|you are going to (?:act|simulate|pretend|be)|simulate (?:a|an|another|this)|please simulate|stay in character|you will (?:pose|play|act) as|your new (?:role|name|task|job|instructions))\b",
    ),
    (
        "role",
        0.7,
        r"\b(?:developer|debug|maintenance|god|admin|administrator|override|jailbreak|unrestricted|dan|system) mode\b[^.\n]{0,40}(?:activat|engag|password|>|initiat)|\b(?:enter|activate|enable|engage|switch to|entering|activating|enabling)\b[^.\n]{0,24}\b(?:developer|debug|maintenance|god|admin|override|jailbreak|unrestricted|dan|system|root) mode\b|\boverride[_ ]mode\b|\b(?:do anything now)\b",
    ),
    (
        "role",
        0.65,
        r"du bist (?:jetzt|nun|ab sofort)|ab (?:jetzt|sofort) bist du|tu es (?:maintenant|désormais)|à partir de maintenant,? tu|ahora eres|a partir de ahora,? eres|ora sei|da ora in poi sei|agora você é|теперь ты|你现在是|あなたは今から|이제부터 너는",
    ),
    (
        "fiction",
        0.6,
        r"\b(?:imagine (?:that|you|we|i|a|an|being|if)\b|imagine you're|imagine i'm|imagine we're|let's (?:imagine|pretend|assume|say|consider|play)|in a (?:hypothetical|fictional|parallel|dystopian|different|alternate)|hypothetical(?:ly)?|in (?:a|another|some) (?:world|universe|future|reality|parallel)|for the (?:purpose|sake) of (?:this|the|an)? ?(?:exercise|argument|experiment|story|game)|thought experiment)\b[^\n]{0,120}\b(?:we|you|i|i'm|you're|we're|where|scenario|conversation|world|universe|future|state|say|assume|would|could|is|was)\b",
    ),
    // Steering what is said to the human.
    (
        "steer",
        0.6,
        r"\b(?:in|into|within) your (?:next |final |own )?(?:response|answer|summary|output|analysis|verdict)\b|\byour (?:response|answer|reply|output|summary)(?:'s)? (?:must|should|has to|shall|needs to|backward|in reverse|into|character|to (?:spread|promote|include|mention|say)|character)",
    ),
    (
        "steer",
        0.6,
        r"\b(?:write|give|phrase|format|translate|reverse|encode|modify|change|end|begin|start|finish|append|insert|integrate|reply|respond|answer)\b (?:your|the|each|every|all) ?(?:your )?(?:response|answer|reply|output|summary|replies|answers)\b|\b(?:answer|reply|respond) (?:exactly with|with only|only with|only in|as if) ",
    ),
    (
        "steer",
        0.65,
        r"\bwhen (?:you|the (?:ai|assistant|bot|model)) (?:summari[sz]e|summari[sz]ing|reply|answer|respond|analy[sz]e|read|process|report|quote|translate|explain)\b|\b(?:cite|quote|label|mark|report|classify|treat|rate|record) (?:this|it)(?: \w+){0,3} as\b[^.\n]{0,60}(?:\bregardless|\bbenign|\bsafe|\blegit|\bharmless|\bfalse|\bclean|\blow|\bpolicy|\bresolved|\btrusted|\binformational)",
    ),
    (
        "verdict",
        0.65,
        r"\b(?:verdict|severity|classification|risk|priority|status|confidence|disposition|score)\s*(?:=|:|to|as|is|of)?\s*[\x22']?(?:benign|safe|harmless|clean|false[ _-]positive|legitimate|low|none|info|informational|closed|0|1\.0|resolved)\b",
    ),
    (
        "verdict",
        0.65,
        r"\b(?:close|dismiss|resolve|suppress|mute|downgrade|whitelist|allowlist|archive|ignore|skip)\b[^.\n]{0,30}\b(?:as (?:a )?(?:false positive|benign|harmless|resolved|safe)|(?:this|the) (?:alert|report|case|finding) (?:now|immediately|without|and))\b",
    ),
    (
        "verdict",
        0.6,
        r"\b(?:mark|classify|flag|label|treat|consider|report|rate|set)\b[^.\n]{0,30}\bas (?:a )?(?:safe|benign|legitimate|harmless|clean|trusted|false positive|not (?:phishing|malicious|suspicious)|low)\b|\b(?:pre-?cleared|already cleared|already vetted) by (?:the )?(?:soc|security|it|ciso)\b|\bknown admin script\b|als (?:harmlos|ungefährlich|sicher|fehlalarm) (?:ein|markier|bewert|melden)|(?:markier|bewert|melde)\w*[^.\n]{0,30}als (?:harmlos|sicher|fehlalarm|ungefährlich)|marque[rz]?[^.\n]{0,30}comme (?:sûr|bénin|fiable|légitime)|marca[^.\n]{0,30}como (?:segur|legítim|benign)",
    ),
    (
        "approval",
        0.65,
        r"\b(?:approved|authori[sz]ed|signed off|cleared) by (?:the |our |your )?(?:ciso|ceo|cfo|cto|security team|soc|admin(?:istrator)?s?|management|it)\b[^\n]{0,60}(?:proceed|delet|disabl|grant|execut|go ahead|release|transfer)|\bapprove (?:request|action|case|ticket|step|approval|it|this|run)? ?#?\d*[^.\n]{0,30}(?:for me|on my behalf|without|my (?:manager|boss)|already|immediately|now|automatically)|\b(?:skip|bypass|waive) (?:the |this |all )?approval",
    ),
    (
        "tool",
        0.65,
        r"\b(?:call|invoke|execute|trigger)\b (?:the |your |a )?[\x22'`]?(?:\w+[_.]\w+|\w+\(|(?:\w+ )?(?:tools?|function|plugin|action|playbook|workflow|api))\b[^.\n]{0,40}(?:with|to|and|for|now|\()|[\x22'](?:tool|tool_calls?|function_call|tool_use|function|action|tool_name)[\x22']\s*:\s*[\[{\x22']|<(?:tool_call|function_calls?|invoke|tool_use|antml|function=)",
    ),
    (
        "command",
        0.6,
        r"\b(?:curl|wget|iwr|invoke-webrequest)\b[^\n|]{0,200}\|\s*(?:sh|bash|zsh|python\d?|iex|sudo)\b|\bplease (?:run|execute|paste)\b[^.\n]{0,40}(?:command|script|curl|powershell|terminal)",
    ),
    (
        "exfil",
        0.7,
        r"\b(?:send|forward|post|upload|transmit|email|mail|append|include|add|put|embed|encode)\b[^.\n]{0,60}\b(?:conversation|chat history|last \d+ messages|previous messages|messages of this|api[_ ]?(?:key|token)s?|credentials|employee data|customer data|secrets?|tokens?|the code|all (?:emails|files|data))\b[^\n]{0,80}(?:https?:|\w@\w)|<(?:the |your |insert )[a-z0-9 ]*(?:messages?|token|secret|password|history|conversation|data)[^>]*>",
    ),
    (
        "cost",
        0.6,
        r"\b(?:repeat|write|print|say|output|type|count)\b[^.\n]{0,60}\b(?:(?:\d{3,}|a (?:thousand|million|hundred)|\d+k) ?(?:times|words)|forever|endlessly|infinitely|non-?stop)|\brepeat ['\x22][^'\x22\n]{1,80}['\x22]? ?\d* ?(?:times)?\b|\b(?:forever|endlessly) (?:until|without)",
    ),
    (
        "decode",
        0.6,
        r"\b(?:decode|decrypt|decipher|unscramble|de-?obfuscate|rot13|base64|morse|leetspeak|1337|caesar|cipher)\b[^\n]{0,50}\b(?:and (?:follow|execute|do|run|obey|tell|show|act|say|then)|this|text|the (?:following|text|answer|reply|message|above)|it (?:says|and))\b|\b(?:in|into|using|with) (?:rot13|base64|morse(?: code)?|leetspeak|pig latin|a (?:caesar|substitution) cipher|emojis?)\b|\bsubstitution cipher\b|\b(?:replace|substitute) (?:each|every|all|the) (?:letters?|words?|characters?|vowels?)\b|\bshift(?:ing)? (?:each|every|all|the) (?:letters?|characters?)\b",
    ),
    (
        "false_content",
        0.6,
        r"\b(?:fabricated?|baseless|made-up|invented?|fake|false|fictitious|bogus|misleading)\b[^.\n]{0,20}\b(?:statistics?|rumou?rs?|quotes?|facts?|claims?|stor(?:y|ies)|evidence|news|citations?|studies|study|information|data)\b|\b(?:spread|promote|endorse|advertise|insert|slip in)\b[^.\n]{0,40}\b(?:rumou?rs?|conspiracy|misinformation|propaganda|product|brand|discount|advert)",
    ),
    (
        "role_mark",
        0.7,
        r"(?:^|\n)\s*(?:###? ?)?(?:system|assistant|developer)(?: message| prompt)?\s*:|<\|?(?:im_start|im_end|system|assistant|endoftext|begin_of_text|eot_id|start_header_id|user)\|?>|\[/?(?:inst|sys|system)\]|<</?sys>>|</?(?:system|instructions?|prompt|untrusted|context|user_input|data|document|admin)[a-z_ -]*>|\[(?:system|assistant|user|developer) ?(?:message|prompt|note|override)?\]|###\s*(?:instruction|response|system|new task)|-{3,}\s*(?:end|begin|new|start) (?:of )?(?:\w+ )?(?:instructions?|prompt|context|data|document|message|input|email)|<\| ?\w+",
    ),
    ("shout", 0.6, r"\bnext=[a-z ]{12,}|\b(?:ignore|disregard) (?:above|previous|all) and\b"),
    (
        "shell",
        0.5,
        r"\byou (?:will|are going to|should|must) (?:output|respond|reply|answer|print) (?:like|as|only|with)\b|\bdo not (?:add|write|include|give|provide) (?:any )?(?:commentary|comments?|explanations?|warnings?|disclaimers?)\b|\bno (?:matter what|restrictions|limitations|filters?|disclaimers?)\b|\bwithout (?:any )?(?:restrictions?|filters?|censorship|limitations?|warnings?|moral)|\bnever refuse\b|\bcannot (?:refuse|say no)\b|\bprofanity filter\b",
    ),
    (
        "few_shot",
        0.3,
        r"\bspeaking of \w+[^.?!\n]{0,40}, (?:what|who|how|when|where|which)\b|hablando de [^.?!\n]{0,40}, ¿|apropos \w+[^.?!\n]{0,40}, (?:was|wer|wie)\b",
    ),
    (
        "smuggle",
        0.6,
        r"(?:<!--|/\*|(?:^|\n)[ \t]*(?:#|//)|\\\x22# |[\x22'] ?# ?)[^\n]{0,80}\b(?:ignore|disregard|ignorez|state|indicate|indiquez|pretend|parallel|assume|close as|say that|print|output (?:is|could|should)|approve)\b",
    ),
];
