// Streamlit's own words, which it says in English alone, in the language of the page.
(() => {
  const SAID = {
    de: {
      "Upload": "Datei wählen",
      "No results": "Nichts gefunden",
      "Press Enter to apply": "Mit Enter übernehmen",
      "Press Ctrl+Enter to apply": "Mit Strg+Enter übernehmen",
      "Press ⌘+Enter to apply": "Mit ⌘+Enter übernehmen",
      "Choose an option": "Bitte wählen",
      "Choose options": "Bitte wählen",
      "Skip to main content": "Zum Inhalt springen",
      "Add row": "Zeile hinzufügen",
      "Delete row(s)": "Zeilen löschen",
      "Show/hide columns": "Spalten ein- und ausblenden",
      "Search": "Suchen",
      "Fullscreen": "Vollbild",
      "Close fullscreen": "Vollbild schließen",
      "Copy to clipboard": "Kopieren",
      "Clear value": "Auswahl aufheben",
      "Open": "Öffnen",
      "Dismiss": "Schließen",
      "Close": "Schließen",
      "Increment": "Erhöhen",
      "Decrement": "Verringern",
      "Collapse sidebar": "Seitenleiste einklappen",
      "Expand sidebar": "Seitenleiste ausklappen",
      "Sidebar": "Seitenleiste",
      "App pages": "Seiten",
      "Navigate to home page": "Zur Startseite",
      "$ per file": "höchstens $ je Datei",
      "Help for $": "Hilfe zu: $",
      "Error: Number is outside the allowed range. Please enter a value between $ and $.":
        "Diese Zahl ist nicht möglich. Geben Sie einen Wert zwischen $ und $ ein.",
    },
    fr: {
      "Upload": "Choisir un fichier",
      "No results": "Aucun résultat",
      "Press Enter to apply": "Entrée pour valider",
      "Press Ctrl+Enter to apply": "Ctrl+Entrée pour valider",
      "Press ⌘+Enter to apply": "⌘+Entrée pour valider",
      "Choose an option": "Choisissez",
      "Choose options": "Choisissez",
      "Skip to main content": "Aller au contenu",
      "Add row": "Ajouter une ligne",
      "Delete row(s)": "Supprimer les lignes",
      "Show/hide columns": "Afficher ou masquer des colonnes",
      "Search": "Rechercher",
      "Fullscreen": "Plein écran",
      "Close fullscreen": "Quitter le plein écran",
      "Copy to clipboard": "Copier",
      "Clear value": "Effacer le choix",
      "Open": "Ouvrir",
      "Dismiss": "Fermer",
      "Close": "Fermer",
      "Increment": "Augmenter",
      "Decrement": "Diminuer",
      "Collapse sidebar": "Replier le menu",
      "Expand sidebar": "Déplier le menu",
      "Sidebar": "Menu latéral",
      "App pages": "Pages",
      "Navigate to home page": "Aller à l’accueil",
      "$ per file": "$ au plus par fichier",
      "Help for $": "Aide\u00a0: $",
      "Error: Number is outside the allowed range. Please enter a value between $ and $.":
        "Ce nombre n’est pas possible. Saisissez une valeur entre $ et $.",
    },
    es: {
      "Upload": "Elegir archivo",
      "No results": "Sin resultados",
      "Press Enter to apply": "Intro para aplicar",
      "Press Ctrl+Enter to apply": "Ctrl+Intro para aplicar",
      "Press ⌘+Enter to apply": "⌘+Intro para aplicar",
      "Choose an option": "Elija una opción",
      "Choose options": "Elija opciones",
      "Skip to main content": "Ir al contenido",
      "Add row": "Agregar fila",
      "Delete row(s)": "Eliminar filas",
      "Show/hide columns": "Mostrar u ocultar columnas",
      "Search": "Buscar",
      "Fullscreen": "Pantalla completa",
      "Close fullscreen": "Salir de pantalla completa",
      "Copy to clipboard": "Copiar",
      "Clear value": "Borrar la selección",
      "Open": "Abrir",
      "Dismiss": "Cerrar",
      "Close": "Cerrar",
      "Increment": "Aumentar",
      "Decrement": "Disminuir",
      "Collapse sidebar": "Contraer el menú",
      "Expand sidebar": "Desplegar el menú",
      "Sidebar": "Menú lateral",
      "App pages": "Páginas",
      "Navigate to home page": "Ir al inicio",
      "$ per file": "$ como máximo por archivo",
      "Help for $": "Ayuda: $",
      "Error: Number is outside the allowed range. Please enter a value between $ and $.":
        "Ese número no es posible. Introduzca un valor entre $ y $.",
    },
  }[document.documentElement.lang];
  if (!SAID) return;

  const forms = Object.entries(SAID)
    .filter(([english]) => english.includes("$"))
    .map(([english, said]) => [new RegExp(`^${english.split("$").map(escaped).join("(.+?)")}$`), said]);
  function escaped(text) {
    return text.replace(/[.*+?^{}()|[\]\\]/g, "\\$&");
  }

  // Texts of ours and of users stand in these and are never touched, except where Streamlit labels its own parts so.
  const OURS = "[data-testid='stMarkdownContainer'], [data-testid='stText'], [data-testid='stCode'], textarea, script, style";
  const ITS_OWN = "[data-testid='stFileUploaderDropzone'], [data-testid='stTooltipContent']";
  const NAMES = ["aria-label", "placeholder", "title"];

  function translated(text) {
    const bare = text.trim();
    if (Object.hasOwn(SAID, bare)) return SAID[bare];
    for (const [form, said] of forms) {
      const found = form.exec(bare);
      if (found) {
        let place = 0;
        return said.replace(/\$/g, () => found[++place]);
      }
    }
    return null;
  }

  function word(node) {
    const parent = node.parentElement;
    if (!parent || (parent.closest(OURS) && !parent.closest(ITS_OWN))) return;
    const said = translated(node.data);
    if (said !== null && said !== node.data) node.data = said;
  }

  function names(element) {
    for (const name of NAMES) {
      const text = element.getAttribute(name);
      if (!text) continue;
      // Of a table's tools, the part before the colon is Streamlit's, the rest the table's name.
      const [tool, table] = name === "aria-label" && element.dataset.testid === "stBaseButton-elementToolbar"
        ? text.split(/: (.*)/s) : [text];
      const said = translated(tool);
      if (said !== null) element.setAttribute(name, table ? `${said}: ${table}` : said);
    }
  }

  function all(root) {
    if (root.nodeType === Node.TEXT_NODE) return word(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = root; node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) word(node);
      else names(node);
    }
  }

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") word(change.target);
      else if (change.type === "attributes") names(change.target);
      else change.addedNodes.forEach(all);
    }
  }).observe(document.documentElement, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: NAMES,
  });
})();
