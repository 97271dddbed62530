"""Five hundred texts that ask for no feeling: code, numbers, other scripts, things, noise of every kind."""

import random
import string

_LINES = """
print("hello world")
for i in range(10): x += i ** 2
SELECT name, price FROM parts WHERE id = 42;
<div class="row"><span>12</span></div>
{"key": [1, 2, 3], "other": null}
def f(x): return x[::-1]
git commit -m "fix build"
rm -rf ./build && make -j8
#include <stdio.h>
int main(void) { return 0; }
const a = (b) => b.map(c => c + 1);
https://example.org/a/b?c=d&e=f#g
user@example.org
192.168.0.1:8080
C:\\Windows\\System32\\drivers
/usr/local/bin/python3.11
0xDEADBEEF
SGVsbG8gd29ybGQ=
550e8400-e29b-41d4-a716-446655440000
2024-02-29T23:59:59Z
+49 30 1234567
ISBN 978-3-16-148410-0
E = mc^2
a^2 + b^2 = c^2
x86_64-unknown-linux-gnu
libx264 -crf 23 -preset slow
lorem ipsum dolor sit amet consectetur
die Rechnung für zwei Stühle
der Zug fährt um acht Uhr vom Gleis drei
la fenêtre de la cuisine
le train de huit heures
el libro está sobre la mesa
la lista de estaciones
il tavolo della cucina
o preço do leite
de prijs van melk
cena mleka
maidon hinta
tej ára
sütün fiyatı
цена молока
книга лежит на столе
η τιμή του γάλακτος
牛奶的价格
牛乳の値段
桌子上有一本书
우유 가격
سعر الحليب
מחיר החלב
दूध की कीमत
ราคานม
giá sữa
🚗 🏠 📦
🍎🍌🍇
🇩🇪🇫🇷🇮🇹
1️⃣2️⃣3️⃣
→ ← ↑ ↓
™ © ® ¶ § †
½ ⅓ ¾
∑ ∫ √ ∞ ≠
a list of railway stations
the price of milk
two chairs and a table
the second chapter of the book
a blue shirt, size 42
the kitchen door
a photograph of a bridge
the timetable for Tuesday
aluminium window frames
the capital of Australia
photosynthesis in plants
a spreadsheet with four columns
the boiling point of water
seven times eight
quarterly invoice number 1138
an oak wardrobe, 180 cm
the parliament building
a bus to the airport
table of contents
page 47
chapter two
volume III, appendix B
Tuesday
November
Pluto
Helsinki
hydrogen
carburettor
tablespoon
polynomial
stapler
north by northwest
""".strip().splitlines()
_WORDS = (
    "invoice table chair window station price column chapter bicycle bridge carton kettle drawer printer folder "
    "gravel cement pipe valve gasket shelf wardrobe timetable ticket luggage platform engine piston gear wheel"
).split()
_CODE = ("x", "y", "foo", "bar", "i", "n", "=", "+", "(", ")", "{", "}", ";", "->", "[0]", "==", "!=", "return", "%d")
_BLOCKS = ((0x0400, 0x4FF), (0x0530, 0x58F), (0x0600, 0x6FF), (0x0900, 0x97F), (0x3040, 0x30FF), (0x4E00, 0x9FFF))
_BLOCKS += ((0xAC00, 0xD7A3), (0x2200, 0x22FF), (0x2500, 0x25FF), (0x1F680, 0x1F6C5), (0x10000, 0x100FA))


def odd_texts(count: int = 500) -> list[str]:
    """The hand-written ones, then drawn ones, always the same."""
    dice = random.Random(7)
    makers = (_letters, _numbers, _punctuation, _script, _code, _things, _long, _mixed)
    texts = ["", " ", "\n\t", "\0", "\u200d\u200d", "\ufeff", "\u202e abc", "a", "?", "!!!", "...", "'", '"', *_LINES]
    while len(texts) < count:
        texts.append(makers[len(texts) % len(makers)](dice))
    return texts


def _letters(dice: random.Random) -> str:
    return " ".join(
        "".join(dice.choices("bcdfghjklmnpqrstvwxz", k=dice.randint(3, 9))) for _ in range(dice.randint(1, 4))
    )


def _numbers(dice: random.Random) -> str:
    return " ".join(f"{dice.uniform(-1e4, 1e4):.{dice.randint(0, 4)}f}" for _ in range(dice.randint(1, 6)))


def _punctuation(dice: random.Random) -> str:
    return "".join(dice.choices(string.punctuation + " ", k=dice.randint(1, 40)))


def _script(dice: random.Random) -> str:
    low, high = dice.choice(_BLOCKS)
    return "".join(chr(dice.randint(low, high)) for _ in range(dice.randint(1, 30)))


def _code(dice: random.Random) -> str:
    return " ".join(dice.choices(_CODE, k=dice.randint(4, 20)))


def _things(dice: random.Random) -> str:
    return " ".join(dice.sample(_WORDS, dice.randint(1, 6)))


def _long(dice: random.Random) -> str:
    return " ".join(dice.choices(_WORDS, k=dice.randint(500, 4000)))


def _mixed(dice: random.Random) -> str:
    return f"{_script(dice)} {_numbers(dice)} {_punctuation(dice)} {_code(dice)}"
