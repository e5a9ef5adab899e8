// While a paper is taken: how many questions are answered, and the answers survive a reload or a lost connection.
const form = document.querySelector("form[data-paper]");

if (form) {
  const key = `quizzes:${form.dataset.paper}`;
  const shown = form.querySelector("[data-answered]");
  const questions = [...form.querySelectorAll("fieldset")];
  const boxes = [...form.querySelectorAll("input[name^='q-']")];

  const count = () => {
    const done = questions.filter((question) => question.querySelector("input:checked")).length;
    shown.textContent = shown.dataset.answered.replace("{done}", done).replace("{all}", questions.length);
    shown.hidden = false;
  };
  const keep = () => {
    try {
      sessionStorage.setItem(key, JSON.stringify(boxes.filter((box) => box.checked).map((box) => [box.name, box.value])));
    } catch {
      // A browser that keeps nothing: the paper works all the same.
    }
  };
  const restore = () => {
    let kept = [];
    try {
      kept = JSON.parse(sessionStorage.getItem(key) || "[]");
    } catch {
      kept = [];
    }
    for (const [name, value] of kept) {
      const box = boxes.find((one) => one.name === name && one.value === value);
      if (box) box.checked = true;
    }
  };

  if (!boxes.some((box) => box.checked)) restore();
  count();
  form.addEventListener("change", () => {
    count();
    keep();
  });
  form.addEventListener("submit", () => {
    try {
      sessionStorage.removeItem(key);
    } catch {
      // See above.
    }
  });
}
