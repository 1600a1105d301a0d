// Puts the test on another site, in a frame as tall as what it shows:
//   <script src="https://…/static/embed.js" data-test="/test/pmo/" async></script>
// That site must be listed in EMBED_ORIGINS. Sets no cookie and reads nothing of the page.
(() => {
  const script = document.currentScript;
  const address = new URL(script.dataset.test || "/test/pmo/", script.src);
  const frame = document.createElement("iframe");
  frame.src = address;
  frame.title = script.dataset.title || "Test";
  frame.style.cssText = "width:100%;height:40rem;border:0;display:block";
  window.addEventListener("message", (event) => {
    const height = event.source === frame.contentWindow && event.origin === address.origin && event.data.pmoHeight;
    if (height > 0) frame.style.height = `${Math.ceil(height)}px`;
  });
  script.after(frame);
})();
