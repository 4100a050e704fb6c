// Begins the page; what npm brings may be missing, and then it says so.

async function load() {
  try {
    return await import("./begin.js");
  } catch (error) {
    const banner = document.getElementById("banner");
    banner.hidden = false;
    banner.textContent =
      "What the page needs is not installed on the server: run `make run` there once, with access to npm.";
    console.info(error);
    return null;
  }
}

await (await load())?.begin();
