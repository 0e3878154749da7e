"""Words: exact cuts, a tokenizer of our own, quiet loading."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from siga_nlp.words import head_verb, noun_phrase, tag, terms, words

ROOT = Path(__file__).parents[1]
CHARS = st.one_of(
    st.sampled_from("县縣领領导導干部每年不少于２2次，。、（）　 \r\n\t“”…—⻓%.-𠀀\ud800\0a\u200b"), st.characters()
)


def run(code: str, *flags: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *flags, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **env},
        check=False,
    )


@settings(deadline=None)
@given(st.text(CHARS, max_size=80), st.lists(st.text(CHARS, max_size=4), max_size=3))
@example("县委\r\n每月", [])
@example("", ["县"])
@example("县\ud800委", ["\ud800"])
def test_words_cover_the_text_exactly(text: str, kept: list[str]) -> None:
    cut = words(text, terms=kept)
    assert "".join(word for word, _, _ in cut) == text
    assert [start for _, start, _ in cut] == [0, *(end for _, _, end in cut)][: len(cut)]
    assert all(word and word == text[start:end] for word, start, end in cut)


@settings(deadline=None)
@given(st.text(CHARS, max_size=60))
def test_slots_stay_inside_the_text(text: str) -> None:
    verb = head_verb(text)
    assert verb is None or verb in text
    for at in range(len(text)):
        start, end = noun_phrase(text, at)
        assert 0 <= start <= at < end <= len(text)


def test_long_runs_without_a_sign_are_covered() -> None:
    text = "一" * 30_000
    assert sum(end - start for _, start, end in words(text)) == 30_000


def test_both_scripts_are_cut_alike() -> None:
    simplified = words("县级领导干部应当每季度走访困难群众")
    traditional = words("縣級領導幹部應當每季度走訪困難群衆")
    assert [span[1:] for span in simplified] == [span[1:] for span in traditional]
    assert traditional[1][0] == "領導幹部"
    assert tag("走訪") == tag("走访") == "v"


def test_terms_are_kept_whole_the_longest_first() -> None:
    cut = [word for word, _, _ in words("由岚江省河长制办公室每旬調度", terms=["河长", "河長制辦公室"])]
    assert "河长制办公室" in cut
    with pytest.raises(TypeError, match="list of words"):
        words("县委", terms="县委")


@pytest.mark.parametrize(
    ("action", "verb"),
    [
        ("到基层接访群众", "接访"),
        ("深入联系点走访困难党员", "走访"),
        ("向社会公布接访日期", "公布"),
        ("对包联企业进行检查", "检查"),
        ("開展專項督查", "督查"),
        ("开展志愿活动", "开展"),
        ("组织召开座谈会", "召开"),
        ("将整改情况报县委备案", "报"),
        ("把巡河作为必修课", "作为"),
        ("依法处理来信", "处理"),
        ("應及時辦理登記", "辦理"),
        ("包案", "包案"),
        ("到联系点", "到"),
        ("名单", None),
        ("", None),
    ],
)
def test_head_verb(action: str, verb: str | None) -> None:
    assert head_verb(action) == verb


@pytest.mark.parametrize(
    ("text", "inside", "phrase"),
    [
        ("每年，县（区）党政领导和班子成员要下访", "党政", "县（区）党政领导和班子成员"),
        ("由市、县教育局负责", "教育局", "市、县教育局"),
        ("要走访困难党员、老干部，并", "老干部", "困难党员、老干部"),
    ],
)
def test_noun_phrase(text: str, inside: str, phrase: str) -> None:
    start, end = noun_phrase(text, text.index(inside))
    assert text[start:end] == phrase


def test_noun_phrase_of_a_verb_is_the_verb() -> None:
    text = "干部要走访群众"
    start, end = noun_phrase(text, text.index("访"))
    assert text[start:end] == "走访"


def test_terms_rank_the_words_of_a_topic() -> None:
    found = terms(["接待來訪群眾", "接待群众来访两次", "应当每月接待一次"], top=3)
    assert found[0][0] == "接待"
    assert {"群众"} <= {word for word, _ in found}
    assert not {"应当", "一次", "每月"} & {word for word, _ in terms(["应当每月接待一次"])}
    assert terms([]) == []
    assert terms(iter(["，", " "])) == []
    with pytest.raises(TypeError, match="list of texts"):
        terms("接待")


def test_jiebas_own_tokenizer_and_ours_do_not_touch_each_other() -> None:
    done = run(
        "import jieba, logging; jieba.setLogLevel(logging.ERROR)\n"
        "from siga_nlp.words import words\n"
        "text = '乡镇河长制办公室督导'\n"
        "before = words(text); theirs = jieba.lcut(text)\n"
        "words(text, terms=['长制办'])\n"
        "assert jieba.lcut(text) == theirs\n"
        "assert '下访' not in jieba.dt.FREQ or not jieba.dt.FREQ['下访']\n"
        "jieba.add_word('长制办公', freq=10**9)\n"
        "assert jieba.lcut(text) != theirs\n"
        "assert words(text) == before\n"
    )
    assert done.returncode == 0, done.stderr


def test_loading_is_quiet_and_leaves_no_file(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing on stderr, no warning that -W error would raise, nothing in the temporary folder."""
    code = (
        "import warnings\n"
        "filters = list(warnings.filters)\n"
        "from siga_nlp.words import words, terms\n"
        "assert 'jieba' not in __import__('sys').modules\n"
        "words('县委每月调度'); terms(['县委每月调度'])\n"
        "assert warnings.filters == filters\n"
    )
    # A fresh bytecode folder makes Python compile jieba, which is when its SyntaxWarnings would come.
    pyc = tmp_path_factory.mktemp("pyc")
    done = run(code, "-W", "error", TMPDIR=str(tmp_path), TEMP=str(tmp_path), PYTHONPYCACHEPREFIX=str(pyc))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())


def test_two_processes_and_no_temporary_folder(tmp_path: Path) -> None:
    missing = str(tmp_path / "gone")
    code = "from siga_nlp.words import words; print(words('县委每月调度'))"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "TMPDIR": missing, "TEMP": missing}
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env) for _ in range(2)]
    outputs = [process.communicate()[0].decode("utf-8").strip() for process in both]
    assert outputs == [repr(words("县委每月调度"))] * 2
