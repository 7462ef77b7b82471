// Puts what a worker found into the page as soon as it is there. Without JavaScript the page loads itself anew.
(async () => {
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const place = () => document.getElementById("compared");
  while (place()?.dataset.waiting) {
    await pause(1000);
    const answer = await fetch(place().dataset.waiting).catch(() => null);
    if (answer && answer.redirected) return location.reload(); // logged out meanwhile
    if (answer?.ok) place().outerHTML = await answer.text();
    else await pause(4000);
  }
})();
