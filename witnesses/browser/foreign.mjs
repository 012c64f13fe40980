// What pages from elsewhere can do to a testbed, tried in Chromium: node foreign.mjs ADDRESS NUMBER SERIAL PDF [BROWSER]
//
// Prints `QUESTION<tab>SUBJECT<tab>WHAT WAS SEEN`, a line each. Subjects are pages: of another port of this machine (same-site),
// of another site (cross-site), in a sandbox (null), and of a name that resolves to this machine only now (rebound).

import { createServer, request } from "node:http";
import { chromium } from "playwright-core";

const [base, number, serial, pdf, browserPath = "/usr/bin/chromium"] = process.argv.slice(2);
const port = new URL(base).port;
const say = (question, subject, seen) => console.log([question, subject, String(seen).replace(/\s+/g, " ")].join("\t"));

// What a program sees, without any browser.
const ask = (path) => new Promise((resolve, reject) => {
  request(base + path, (answer) => {
    let text = "";
    answer.on("data", (part) => (text += part)).on("end", () => resolve({ status: answer.statusCode, text }));
  }).on("error", reject).end();
});

const elsewhere = createServer((_, answer) => {
  answer.setHeader("content-type", "text/html");
  answer.end("<!doctype html><title>elsewhere</title><p>A page from elsewhere.");
});
await new Promise((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
const otherPort = elsewhere.address().port;

const browser = await chromium.launch({
  executablePath: browserPath,
  args: ["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1", "--disable-features=LocalNetworkAccessChecks"],
});

// Statuses of the testbed's answers by address, as they came to the browser: also of those that it kept from the page.
async function listen(context, target, met) {
  const [sent, answered] = [new Map(), new Map()];
  const both = (id) => sent.has(id) && answered.has(id) && met.set(sent.get(id), answered.get(id)); // in either order
  const session = await context.newCDPSession(target).catch(() => null); // a frame of the page's own process has none
  session?.on("Network.requestWillBeSent", ({ requestId, request }) => both(requestId, sent.set(requestId, request.method + " " + new URL(request.url).pathname)));
  session?.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => both(requestId, answered.set(requestId, statusCode)));
  await session?.send("Network.enable");
}

async function open(address, framed) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const met = new Map();
  await listen(context, page, met);
  // An intercepted browser asks no server whether it may send: only where nothing else will do.
  if (address.includes("evil.example:" + port)) await page.route("http://evil.example:" + port + "/page", (route) => route.fulfill({ contentType: "text/html", body: "<title>rebound</title>" }));
  await page.goto(address);
  let place = page.mainFrame();
  if (framed) {
    await page.evaluate(() => {
      const frame = document.createElement("iframe");
      frame.sandbox = "allow-scripts allow-forms";
      frame.srcdoc = "<p>in a sandbox";
      document.body.append(frame);
      return new Promise((resolve) => (frame.onload = resolve));
    });
    place = page.frames()[1];
    await listen(context, place, met);
  }
  return { page, place, met };
}

const pages = {
  "same-site": ["http://127.0.0.1:" + otherPort + "/", base],
  "cross-site": ["http://evil.example:" + otherPort + "/", base],
  "null": ["http://127.0.0.1:" + otherPort + "/", base, true],
  "rebound": ["http://evil.example:" + port + "/page", "http://evil.example:" + port],
};

// Each tries one way to make the testbed do something. Runs in the page.
const attempts = {
  "fetch-text": ["POST /testbed/api/clock", (target) => fetch(target + "/testbed/api/clock", { method: "POST", mode: "no-cors", body: '{"action":"advance","by":"400d"}' })],
  "fetch-json": ["POST /testbed/api/clock", (target) => fetch(target + "/testbed/api/clock", { method: "POST", headers: { "content-type": "application/json" }, body: '{"action":"advance","by":"400d"}' })],
  "beacon": ["POST /testbed/api/clock", (target) => navigator.sendBeacon(target + "/testbed/api/clock", '{"action":"advance","by":"400d"}')],
  "beacon-revoke": ["POST /ca/api/revocations", (target, serial) => navigator.sendBeacon(target + "/ca/api/revocations", JSON.stringify({ serial, reason: "keyCompromise" }))],
  "beacon-tsa": ["POST /tsa", (target) => navigator.sendBeacon(target + "/tsa", "not a request")],
  "form": ["POST /testbed/api/worlds/made-by-a-page", (target) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = target + "/testbed/api/worlds/made-by-a-page";
    document.body.append(form);
    form.submit();
  }],
  "form-register": ["POST /registers", (target) => {
    const form = document.createElement("form");
    form.method = "post";
    form.enctype = "multipart/form-data";
    form.action = target + "/registers";
    document.body.append(form);
    form.submit();
  }],
  "form-batch": ["POST /batches/1", (target) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = target + "/batches/1";
    form.innerHTML = "<input name=act value=cancel>";
    document.body.append(form);
    form.submit();
  }],
  "form-certificate": ["POST /certificates/TBU-2026-000001-N", (target) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = target + "/certificates/TBU-2026-000001-N";
    form.innerHTML = "<input name=act value=revoke><input name=reason value=x>";
    document.body.append(form);
    form.submit();
  }],
  "picture-journal": ["GET /testbed/api/journal", (target) => (new Image().src = target + "/testbed/api/journal")],
  "script-health": ["GET /healthz", (target) => {
    const script = document.createElement("script");
    script.src = target + "/healthz";
    document.body.append(script);
  }],
};

// Whether a frame shows what is at an address: a browser that may not shows an error of its own in its place.
async function inFrame(page, place, address) {
  const name = "frame" + page.frames().length;
  await place.evaluate(([address, name]) => {
    const frame = document.createElement("iframe");
    frame.name = name;
    frame.src = address;
    document.body.append(frame);
    return new Promise((resolve) => (frame.onload = resolve));
  }, [address, name]);
  const frame = await (await place.$("iframe[name=" + name + "]")).contentFrame();
  if (frame === null) return "no frame";
  const [shown, text] = await frame.evaluate(() => [location.href, document.body.innerText]).catch((error) => [error.message, ""]);
  if (shown.startsWith("chrome-error:")) return "not shown";
  return shown === address ? "shown: " + text.slice(0, 60) : shown;
}

const before = await ask("/testbed/api/clock");
for (const [subject, [address, target, framed]] of Object.entries(pages)) {
  for (const [question, [wanted, attempt]] of Object.entries(attempts)) {
    // A form opens a page, perhaps in another process, and then the browser may not tell of the answer: it is tried again.
    let [tries, seen] = [question.startsWith("form") ? 6 : 1, undefined];
    while (tries-- > 0 && seen === undefined) {
      const { page, place, met } = await open(address, framed);
      const ran = await place.evaluate(`(${attempt})(${JSON.stringify(target)}, ${JSON.stringify(serial)})?.catch?.(() => "")`).then(() => "", (error) => error.message);
      for (let turn = 0; turn < 40 && !met.has(wanted); turn++) await new Promise((resolve) => setTimeout(resolve, 50));
      seen = met.get(wanted);
      if (tries === 0) seen ??= "was not sent " + ran;
      await page.context().close();
    }
    say(question, subject, seen);
  }
}

// What is to be had from elsewhere: links to pages, and what verifiers in browsers read.
for (const subject of ["same-site", "cross-site"]) {
  const { page, place, met } = await open(pages[subject][0]);
  const read = (path) => place.evaluate((address) => fetch(address).then((answer) => answer.status + (answer.ok ? ", read" : ""), () => "not readable"), base + path);
  say("read-profile", subject, await read("/issuer/profile"));
  say("read-key", subject, await read("/issuer/keys/badge-rsa2048"));
  say("read-badge", subject, await read("/issuer/api/certificates/" + number + "/badge"));
  say("read-journal", subject, await read("/testbed/api/journal"));
  say("read-list", subject, await read("/issuer/api/certificates"));
  say("framed", subject, await inFrame(page, place, base + "/"));
  say("framed-certificate", subject, await inFrame(page, place, base + "/c/" + number));
  say("framed-registers", subject, await inFrame(page, place, base + "/registers"));
  say("framed-error", subject, await inFrame(page, place, base + "/nowhere"));
  say("framed-control", subject, await inFrame(page, place, pages[subject][0])); // a page that lets itself be framed
  await place.evaluate((address) => {
    const link = document.createElement("a");
    link.href = address;
    document.body.append(link);
    link.click();
  }, base + "/c/" + number);
  await page.waitForURL(base + "/c/" + number);
  say("link", subject, met.get("GET /c/" + number) + ", " + ((await page.title()) === number ? "the certificate's page" : await page.title()));
  await page.context().close();
}
const rebound = await open(pages.rebound[0]);
say("page", "rebound", (await rebound.page.goto("http://evil.example:" + port + "/")).status());

// Two hundred rows, of which the last has no identifier.
const register = (who) => {
  const row = (n) => ["学生" + n, n < 200 ? `s${n}@${who}.example` : "", "統計入門", "Statistics", "統計の基礎", "全課題の合格", "試験大学", "15", "2026-03-31"].join();
  return ["氏名,メールアドレス,講座名,講座名（英語）,概要,修了要件,実施機関,学修時間,修了日", ...Array.from({ length: 200 }, (_, n) => row(n + 1))].join("\r\n");
};

// Our own pages go on working, by either name of this machine.
for (const own of [base, base.replace("127.0.0.1", "localhost")]) {
  const subject = "own-" + new URL(own).hostname;
  const { page } = await open(own + "/verify?lang=en");
  await page.setInputFiles("input[type=file]", pdf);
  const [answer] = await Promise.all([page.waitForNavigation(), page.click("button[type=submit]")]);
  const headline = await page.locator(".answer").first().innerText().catch(() => page.content());
  say("verify", subject, answer.status() + ", " + (headline.includes("✔") ? "good" : headline));
  const styled = await page.evaluate(() => getComputedStyle(document.querySelector("main > section")).borderTopStyle);
  say("styled", subject, styled === "solid" ? "yes" : "no: " + styled);
  // A register, tried, then issued; the page of its batch follows it to the end by its one script.
  await page.goto(own + "/registers?lang=en");
  await page.setInputFiles("input[type=file]", { name: "spring.csv", mimeType: "text/csv", buffer: Buffer.from(register(subject)) });
  await page.selectOption("select[name=level]", "B-B");
  const sent = () => Promise.all([page.waitForNavigation(), page.locator("form[method=post] button").first().click()]);
  await sent();
  say("dry-run", subject, await page.locator(".answer").first().innerText());
  const told = page.waitForResponse((answer) => answer.url().endsWith("/events"));
  await sent();
  say("batch-events", subject, await told.then((answer) => answer.status()));
  await page.locator("#progress[data-state=done]").waitFor();
  say("batch", subject, await page.locator("[role=status]").innerText());
  await page.goto(own + "/issuer/profile"); // a document without a policy that forbids it to ask
  const run = await page.evaluate((address) => fetch(address + "/testbed/api/clock", { method: "POST", headers: { "content-type": "application/json" }, body: '{"action":"run"}' }).then((answer) => answer.status), own);
  say("clock", subject, run);
  await page.context().close();
}

// What anybody needs who reads a page on a telephone, or hears it: nothing sticks out, every field and picture is named, and headings have an order.
async function lacks(page) {
  return page.evaluate(() => {
    const named = (field) => field.labels?.length > 0 || field.hasAttribute("aria-label") || field.type === "hidden";
    const fields = [...document.querySelectorAll("input, select, textarea")].filter((field) => !named(field)).map((field) => "unnamed " + field.name);
    const frames = [...document.querySelectorAll("img:not([alt]), iframe:not([title]), progress:not([aria-label])")].map((one) => "unnamed " + one.tagName);
    const headings = [...document.querySelectorAll("h1, h2, h3")].map((one) => Number(one.tagName[1]));
    const jumps = headings.filter((level, place) => level > (headings[place - 1] ?? 0) + 1).map((level) => "a jump to h" + level);
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    const twice = ids.filter((id, place) => ids.indexOf(id) !== place).map((id) => "twice " + id);
    const wide = document.documentElement.scrollWidth > innerWidth ? ["wider than the screen"] : [];
    return [...fields, ...frames, ...jumps, ...twice, ...wide];
  });
}
for (const path of ["/", "/registers", "/batches", "/batches/1", "/certificates", "/crossings?batch=1", "/crossings?number=" + number, "/c/" + number, "/templates", "/verify", "/nowhere"]) {
  const found = [];
  for (const language of ["ja", "en"]) {
    for (const width of [390, 1280]) {
      const context = await browser.newContext({ viewport: { width, height: 800 } });
      const page = await context.newPage();
      await page.goto(base + path + (path.includes("?") ? "&" : "?") + "lang=" + language);
      found.push(...(await lacks(page)).map((lack) => `${language} ${width}: ${lack}`));
      await context.close();
    }
  }
  say("page-lacks", path.replace(number, "NUMBER"), found.join(", ") || "nothing");
}

const after = await ask("/testbed/api/clock");
const offset = (answer) => JSON.parse(answer.text).offset_seconds;
say("clock-moved", "afterwards", offset(before) === offset(after) ? "no" : "by " + (offset(after) - offset(before)) + " s");
const certificate = await ask("/ca/api/certificates/" + serial);
say("revoked", "afterwards", certificate.status === 200 && JSON.parse(certificate.text).status === "good" ? "no" : certificate.text);
say("world-made", "afterwards", (await ask("/w/made-by-a-page/")).status === 404 ? "no" : "yes");
await browser.close();
elsewhere.close();
