// Adds news to the page of the live feed as they happen. The page works without it.
const feed = document.getElementById("feed");
if (feed) {
  const state = document.getElementById("feed-state");
  const source = new EventSource("/feed/events");
  source.addEventListener("open", () => { state.textContent = "News appear here as they happen."; });
  source.addEventListener("message", (event) => {
    const [text, article] = event.data.split("\n");
    const link = document.createElement("a");
    link.href = "/articles/" + encodeURIComponent(article);
    link.textContent = text;
    const line = document.createElement("li");
    line.append(link);
    feed.prepend(line);
  });
  source.addEventListener("error", () => {
    // The browser tries again by itself, unless the server says that it must not.
    state.textContent = source.readyState === EventSource.CLOSED
      ? "The live feed has ended. Log in to go on."
      : "The live feed is interrupted.";
  });
}
