// Runs before anything else of the page.
(() => {
  // The server is where this page comes from: without being told, every page first looks for one below its own address.
  window.__streamlit = { BACKEND_BASE_URL: location.origin, MAIN_PAGE_BASE_URL: location.origin };
  // Streamlit keeps the choice of light or dark per page; ours holds for all of them and stands in what the server sent.
  const chosen = { light: "Light", dark: "Dark", system: "System" }[document.documentElement.dataset.appearance];
  if (chosen) localStorage.setItem(`stActiveTheme-${location.pathname}-v2`, JSON.stringify(chosen));
  // Streamlit's own words in the reader's language.
  document.head.append(Object.assign(document.createElement("script"), { src: "./look/words.js" }));
})();
