// Light or dark: as the system has it, or as this person chose; the choice stays in this browser.

const themes = ["system", "light", "dark"];
const themeKey = "lmcache-server-theme";

function storedTheme() {
  try {
    const stored = localStorage.getItem(themeKey);
    return themes.includes(stored) ? stored : "system";
  } catch {
    return "system";
  }
}

function applyTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function nextTheme() {
  const theme = themes[(themes.indexOf(currentTheme) + 1) % themes.length];
  try {
    localStorage.setItem(themeKey, theme);
  } catch {
    // A browser that keeps nothing still shows it.
  }
  setTheme(theme);
}

function setTheme(theme) {
  currentTheme = theme;
  applyTheme(theme);
  say(byId("theme"), `Colours: ${theme}`);
}

let currentTheme = storedTheme();
// Before the first picture, so that nothing flashes.
applyTheme(currentTheme);
