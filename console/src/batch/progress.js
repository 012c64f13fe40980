"use strict";
// Shows what the server tells of a batch while it goes on. When the batch comes into another state, the page is loaded anew.
const page = document.getElementById("progress");
const clock = (seconds) => Math.floor(seconds / 3600) + [60, 1].map((unit) => ":" + String(Math.floor(seconds / unit) % 60).padStart(2, "0")).join("");
const show = (name, value) => {
  for (const place of document.querySelectorAll(`[data-shows="${name}"]`)) {
    if (place.textContent !== String(value)) place.textContent = value;
  }
};
const events = new EventSource(page.dataset.events);
events.addEventListener("batch", (event) => {
  const batch = JSON.parse(event.data);
  if (batch.state !== page.dataset.state) {
    events.close();
    location.reload();
    return;
  }
  const rows = batch.rows;
  const left = rows.queued + rows.rendered + rows.sealed;
  const all = left + rows.delivered + rows.unchanged + rows.changed + rows.failed + rows.cancelled;
  for (const [state, count] of Object.entries(rows)) show(state, count);
  show("done", all - left);
  show("rate", batch.rate ?? "–");
  show("left", batch.seconds_left === null ? "–" : clock(batch.seconds_left));
  show("problem", (document.documentElement.lang === "ja" && batch.problem_ja) || batch.problem || "");
  const bar = document.getElementById("bar");
  bar.max = Math.max(all, 1);
  bar.value = all - left;
});
