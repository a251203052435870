"""Every diagnostic code: what it says, why that matters, how it is put right.

A code is permanent. Its words for one particular case are in `messages/`; this is what holds in general, printed by
`tierproof explain CODE` and, as a whole, as `docs/diagnostics.md`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of diagnostic.

    code     `TP` and three digits: 0xx reading, 1xx bands and clauses, 2xx amounts, 3xx what the policy
             itself says of its results, 4xx files of claims, 5xx calculators that are written
    title    what is wrong, in a few words
    why      why it matters, one paragraph
    fix      how to put it right, one paragraph
    example  a few lines of a policy (or of a file of claims) that show it
    """

    code: str
    title: str
    why: str
    fix: str
    example: str


CODES: tuple[Code, ...] = (
    Code(
        "TP001",
        "The file cannot be read as text",
        "A policy is text in UTF-8. In another encoding, or in the format of a word processor, letters and digits "
        "could be read as something else than what was written.",
        "Save the file as plain text in UTF-8. The message names the first byte that is not.",
        "policy.docx renamed to policy.policy",
    ),
    Code(
        "TP002",
        "The file is empty",
        "An empty file says nothing, so there is nothing to prove and no calculator to build. It is more often a "
        "file that was not saved than a policy that pays nothing.",
        "Write the policy, beginning with `policy` and its name, or remove the file.",
        "# only a comment",
    ),
    Code(
        "TP003",
        "The file is too large to be a policy",
        "The largest policy in use has a few hundred lines. A much larger file is usually data that was put in the"
        " wrong place, and reading it would only take long.",
        "Give the path of the policy. A file of claims goes to `tierproof run POLICY CLAIMS`.",
        "tierproof check claims_2013.csv",
    ),
    Code(
        "TP004",
        "The indentation is not clear",
        "What belongs to a benefit, a claim or an example is shown by indentation. Tabs look different in every "
        "editor, and a line that is indented like none before it could belong to two places.",
        "Indent with spaces only, and give all lines of one part the same indentation.",
        "benefit basic\n    of cost\n  deductible 600",
    ),
    Code(
        "TP005",
        "A text is not closed",
        "Without its closing quotation mark a text would run on over the lines that follow, and they would be lost.",
        "Put the closing quotation mark at the end of the text, on the same line.",
        'title "Critical illness insurance',
    ),
    Code(
        "TP006",
        "A word that cannot stand here",
        "The policy has a meaning only where every line is one of the sentences of the language.",
        "The message says what to write instead, or all that can stand in this place. `docs/language.md` shows every "
        "clause.",
        "deductable 6,000",
    ),
    Code(
        "TP007",
        "Nested too deeply",
        "A formula with this many brackets inside one another can be followed by no reader.",
        "Give the inner parts names of their own and use the names.",
        "amount a = ((((((((((cost))))))))))",
    ),
    Code(
        "TP008",
        "A number that cannot be read",
        "One thousand and one and a half differ by a mark. A number that can be read in two ways is not read at all.",
        "Write digits, with a comma between every three of them or none, and a point before the decimals: `20,000.50`.",
        "deductible 6,00",
    ),
    Code(
        "TP010",
        "A name that is there twice",
        "When two facts or amounts have the same name, a clause that uses the name could mean either.",
        "Give one of them another name.",
        "claim\n  cost  money\n  cost  money",
    ),
    Code(
        "TP011",
        "A name that is not known",
        "The clause reads a fact or an amount that the policy does not have; most often the name is misspelt.",
        "Correct the spelling (the message names the nearest one), or add the fact or amount.",
        "claim\n  borne  money\nbenefit basic\n  of bourne",
    ),
    Code(
        "TP012",
        "A value of the wrong kind",
        "An amount of money cannot be compared with a word, a date is no ratio. Nothing is converted silently.",
        "Use a value of the kind that the message asks for.",
        "deductible 50%",
    ),
    Code(
        "TP013",
        "A part is missing",
        "Without this part the policy can be understood in more than one way, or not at all. Nothing is assumed in"
        " its place.",
        "Add the part that the message names.",
        "benefit basic\n  deductible 600         # of which amount?",
    ),
    Code(
        "TP014",
        "A word that is not in the category",
        "A category is a fixed list of words. A clause for a word outside of it would never apply.",
        "Use one of the category's words, or add the word to the category.",
        "illness  general | listed\nby illness   general 50%   rare 60%",
    ),
    Code(
        "TP015",
        "A word of the language used as a name",
        "A name that is also a word of the language would make the sentences it stands in ambiguous.",
        "Choose another name.",
        "claim\n  over  money",
    ),
    Code(
        "TP016",
        "An amount finer than the smallest unit",
        "Amounts are whole numbers of the currency's smallest unit. Half a fen can be neither paid nor compared.",
        "Write the amount in whole fen (cents, yen).",
        "deductible 6,000.005",
    ),
    Code(
        "TP017",
        "A ratio outside 0 to 100%",
        "A ratio above 100% would pay more than the cost, one below 0 would charge for being ill.",
        "Correct the ratio.",
        "over 6,000   105%",
    ),
    Code(
        "TP018",
        "A table whose rows do not match its header",
        "Each row of a table has one ratio for each column of its header. With one too few or too many nobody can "
        "say which column a ratio belongs to.",
        "Give every row as many ratios as there are columns.",
        "by illness        general   listed\nover 6,000        50%",
    ),
    Code(
        "TP019",
        "Clauses that contradict each other",
        "Two clauses say different things about the same point, and nothing says which one holds.",
        "Remove one of the two.",
        "deductible 600\nthreshold 1,000",
    ),
    Code(
        "TP020",
        "Used before it is defined",
        "Amounts are computed in the order of the policy, so that it can be read from top to bottom; a clause can "
        "only use what stands above it.",
        "Move the definition up, or the clause down.",
        "amount base = cost - excluded\namount excluded = 20% of cost",
    ),
    Code(
        "TP021",
        "No rounding is given",
        "A ratio of an amount can be a part of a fen, and half a fen rounded up or down makes two different "
        "payments. The language has no default for it.",
        "Write a `round` clause in the benefit, or in the policy's header for all of them: `round half up to 0.01`.",
        "benefit basic\n  of cost\n  pay 55%",
    ),
    Code(
        "TP022",
        "A cap that is not a multiple of the rounding unit",
        "This cap is applied after rounding. If it is not itself a rounded amount, a payment that reaches it is "
        "not one either.",
        "Make the cap a multiple of the rounding unit, or the unit smaller.",
        "cap 1,000.50 per claim\nround half up to 1",
    ),
    Code(
        "TP023",
        "A date or a range that cannot be",
        "A day that is in no calendar, or a stretch that ends before it begins, contains nothing.",
        "Correct the date or the ends of the range.",
        "in force 2013-01-01 to 2013-02-30, by discharged",
    ),
    Code(
        "TP101",
        "Bands leave a gap",
        "An amount between two bands has no ratio: the policy does not say what is paid. Bands in whole yuan (to "
        "20,000, then from 20,001) leave out 20,000.01 to 20,000.99, and bills do come in fen.",
        "Let the next band begin where this one ends: `to 20,000`, then `over 20,000`. Where amounts are meant to "
        "be unpaid, write a band with the ratio 0%.",
        "from  6,000 to 20,000    50%\nfrom 20,001 to 50,000    52%",
    ),
    Code(
        "TP102",
        "Bands overlap",
        "An amount that lies in two bands has two ratios, and two offices will pay two different benefits.",
        "Say at one of the two ends that the amount is not included: `over` instead of `from`, `to under` instead "
        "of `to`.",
        "from  6,000 to 20,000    50%\nfrom 20,000 to 50,000    52%",
    ),
    Code(
        "TP103",
        "A band or clause that never applies",
        "No claim can reach this clause: other clauses take everything that it speaks of, alone or together; or a"
        " condition holds for every claim or for none, or a cap is more than any claim gives. It is dead, or one of the"
        " others is wrong. A band that claims do reach is alive, even where a cap cuts what it pays.",
        "Remove it, or correct the ends of the clauses that hide it.",
        "over 0 to 50,000          50%\nover 10,000 to 20,000     60%",
    ),
    Code(
        "TP104",
        "The deductible does not meet the first band",
        "Either amounts above the deductible have no band, or the first band promises a ratio for amounts of which"
        " the deductible leaves nothing.",
        "Let the first band begin where the deductible (or threshold) ends: `deductible 6,000` and `over 6,000`.",
        "deductible 11,000\nover 10,000 to 20,000    50%",
    ),
    Code(
        "TP105",
        "A category without a value",
        "For this word of the category (or combination of words) the policy gives no value, so a claim with it "
        "cannot be settled.",
        "Add the missing value; write 0% or 0 where nothing is meant.",
        "hospital  township | county | above_county\ndeductible by hospital   township 80   county 200",
    ),
    Code(
        "TP106",
        "A ratio that is not known",
        "The document does not give the ratio, so properties are proved for every value that it can have, but no "
        "calculator can pay a claim with it.",
        "Write the ratio once it is known. Until then `status draft` in the header keeps the policy out of builds.",
        "over 100,000   unknown between 80% and 100%",
    ),
    Code(
        "TP107",
        "Shares that do not add up to the whole",
        "The payers of a split bear all of a cost between them. Where the ratios of a band do not add up to 100%, a "
        "part of it would be paid by nobody, or twice.",
        "Let the ratios of each band add up to 100%; the last payer bears the rounding.",
        "pay in slices of the amount, between insurer, agency\n    insurer  agency\n  over 0   50%   40%",
    ),
    Code(
        "TP201",
        "The ratio falls as the cost rises",
        "A higher cost is covered at a lower ratio than a smaller one. In a policy against large costs this is "
        "usually two columns or two lines exchanged.",
        'Correct the ratios. Where it is wanted, write `allow ratio falls because "..."`; the reason appears in '
        "every report.",
        "over  6,000 to 20,000    60%\nover 20,000              50%",
    ),
    Code(
        "TP202",
        "The own share falls as the cost rises",
        "A person whose bill is higher pays less in the end: a cliff. It rewards raising the bill.",
        "Use `in slices` where the ratio was meant for the slice, or correct the amounts. Where it is wanted, "
        'write `allow own share falls because "..."`; the reason appears in every report.',
        "pay on the whole amount\n  to 20,000      50%\n  over 20,000    60%",
    ),
    Code(
        "TP203",
        "A benefit outside 0 to its base",
        "A benefit below 0 takes money from the person; one above its base, or all benefits together above the "
        "cost, pay more than was spent.",
        "Bound the formula with `max(0, ...)` or a cap, or let the later layer look at what is `left`.",
        "benefit basic\n  of cost\nbenefit extra\n  of cost            # both look at the whole cost",
    ),
    Code(
        "TP204",
        "A cap that is never reached",
        "A cap promises a limit. If no claim can reach it, whatever was settled before, the rest of the policy sets a "
        "lower one: either the cap or the ratios and bounds before it are not what was meant.",
        "Remove the cap, or check its amount and what comes before it.",
        "claim\n  cost money up to 1,000\nbenefit basic\n  of cost\n  pay 50%\n  cap 600   # 50% of 1,000 is less",
    ),
    Code(
        "TP205",
        "The payment depends on how a bill is split",
        "If two bills pay something else than one bill of the same sum, it matters whether a stay is billed once or "
        "in parts, and whoever writes the bills decides what is paid. A deductible for each "
        "admission does so on purpose.",
        "Let the claims of a person be added up over a period; if each claim is meant to stand alone, say why with "
        "`allow payment depends on splitting because`.",
        "benefit basic\n  of cost\n  deductible 600     # two bills of 1,000: 800 are paid on, one of 2,000: 1,400",
    ),
    Code(
        "TP206",
        "Amounts that leave 64 bits",
        "Databases compute in 64-bit whole numbers. With amounts up to the declared largest and a ratio this fine "
        "a product would leave them, and the engines differ in what they do then.",
        "Declare a smaller largest amount (`money up to 10,000,000`), or a ratio with fewer digits.",
        "pay 33.333333333333%",
    ),
    Code(
        "TP207",
        "Days that two versions or rows share, or that none has",
        "A claim is settled under the version, and with the parameters, of its day. On a day that two of them claim "
        "nobody knows which counts; on a day that none has, claims are rejected.",
        "Let each version and each row begin on the day after the one before it ends.",
        "parameter line, by discharged\n  2023-01-01 to 2023-12-31  6,000\n  2023-12-31 to 2024-12-31  6,900",
    ),
    Code(
        "TP208",
        "A name that a database cannot keep",
        "Databases cut long names short, or do not tell capital letters from small ones. Two names of a policy could "
        "then become one, and a calculator would read the wrong column.",
        "Choose another name, or leave the dialect out: `tierproof build --dialect duckdb,sqlite`.",
        "claim\n  cost  money\n  Cost  money",
    ),
    Code(
        "TP209",
        "Something is allowed that does not happen",
        "An `allow` line excuses a flaw that the policy wants. Where the flaw is not there, it excuses nothing today, "
        "and hides the flaw on the day when an edit brings it in. The reason that it gives is read as if it were true.",
        "Remove the line. If it was meant for another benefit, name that one.",
        'benefit b\n  of cost\n  pay 60%\n\nallow b own share falls because "the ratio is that of the whole bill"',
    ),
    Code(
        "TP301",
        "An example does not come out",
        "The policy's own worked example gives another result than it says. Either the example or the rule is "
        "wrong; both are what people will go by.",
        "Follow the claim step by step with `tierproof calc`, and correct the rule or the example.",
        'example "a year\'s 100,000"\n  borne 100,000, illness general\n  expect critical_illness 50,000.00',
    ),
    Code(
        "TP302",
        "A requirement does not hold",
        "The policy asks for a property and there is a claim for which it is false. The message shows the claim.",
        "Correct the rule, or the requirement if it promises too much.",
        "require\n  critical_illness ratio at least 55%",
    ),
    Code(
        "TP401",
        "A column of the claims is missing",
        "Every fact that the policy reads must be in the file. A missing column is never taken as zero.",
        "Add the column, or correct its name in the first line. The names are those of the policy's facts, and "
        "`claim` for the claim number.",
        "claim,person,borne\n1,A,20000",
    ),
    Code(
        "TP402",
        "A column of the claims that is there twice, or has no name",
        "Of two columns with one name nobody can say which one counts.",
        "Give every column a name of its own. Columns that the policy does not know are handed on unchanged, "
        "unless they have the name of a result.",
        "claim,person,borne,borne",
    ),
    Code(
        "TP403",
        "A row of the claims is rejected",
        "A missing, negative, unreadable or unknown value is never paid and never counted as zero. A file with "
        "such a row is not settled at all unless that is asked for, because later claims of the same person may "
        "depend on it.",
        "Correct the row, or give `--rejected FILE`: then the other rows are settled and the rejected ones are "
        "written there with the field and the reason.",
        "claim,person,discharged,borne,illness\n17,A,2013-05-02,12o,general",
    ),
    Code(
        "TP404",
        "The file of claims cannot be read",
        "A file of claims is text in UTF-8, values separated by commas, with the names of the columns in its first"
        " line.",
        "Save the table as `CSV UTF-8`. The message says where the file stops being one.",
        "claims.xlsx renamed to claims.csv",
    ),
    Code(
        "TP405",
        "A column of the claims has a type that is not exact",
        "A floating-point number cannot hold most amounts: 0.10 is not among them. What was rounded before it came "
        "here cannot be told from what was not, so such a column is never taken for money.",
        "Write amounts as DECIMAL in whole currency (20000.50), as whole numbers of it, or as text; days as DATE or "
        "text. `CAST(borne AS DECIMAL(18,2))` in the query that makes the file is enough, where the rounding is right.",
        "borne DOUBLE",
    ),
    Code(
        "TP406",
        "The ledger cannot be gone on from",
        "A run that goes on from wrong totals pays wrongly without a sign of it. So a ledger of another policy, one "
        "that is torn, or has a total that cannot be, settles nothing.",
        "Give the file that `--ledger-out` of the run before this one wrote, as it is.",
        "tierproof run POLICY may.csv --ledger april.csv --ledger-out may_ledger.csv",
    ),
    Code(
        "TP501",
        "A calculator is not shown to be its policy",
        "Every calculator that is built is read again and proved equal to its policy, for every claim. One that "
        "differs, or of which that cannot be shown, is not written; nor is any other of the same build. So it is "
        "with what `run` is about to run: no claim is settled by it. The policy is not to blame: this "
        "is a mistake of the program, found before anything was paid by it.",
        "Report it, with the policy. Until it is mended, leave the language or the dialect out: `tierproof build "
        "--target python`.",
        "calculator:  own_share 7,000.01\npolicy:      own_share 7,000.00",
    ),
)


def find_code(name: str) -> Code | None:
    """The row of a code, however it is capitalised; None where there is no such code."""
    wanted = name.strip().upper()
    for row in CODES:
        if row.code == wanted:
            return row
    return None


def diagnostics_page(codes: tuple[Code, ...] = CODES) -> str:
    """All codes as one Markdown page, `docs/diagnostics.md`."""
    parts = [
        "# Diagnostics\n",
        "Made from `dsl/codes.py` by `tierproof explain --all`; `tierproof explain CODE` prints one of them.\n",
        "| code | title |\n|---|---|",
        *(f"| [{row.code}](#{row.code.lower()}) | {row.title} |" for row in codes),
        "",
    ]
    for row in codes:
        parts.append(f"## {row.code}\n\n**{row.title}.** {row.why}\n\n{row.fix}\n\n```text\n{row.example}\n```\n")
    return "\n".join(parts)
