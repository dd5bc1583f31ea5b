// Streamlit keeps the choice of light or dark per path of the page; ours holds for the whole application and stands in
// the page that the server sends.
(() => {
  const chosen = { light: "Light", dark: "Dark", system: "System" }[document.documentElement.dataset.appearance];
  if (chosen) localStorage.setItem(`stActiveTheme-${location.pathname}-v2`, JSON.stringify(chosen));
})();
