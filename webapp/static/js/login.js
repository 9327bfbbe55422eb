// Show the password: only with script, so the button is put in place by script.

const password = document.getElementById("password");
const holder = document.getElementById("show-password");
if (password && holder) {
  const button = holder.content.firstElementChild.cloneNode(true);
  holder.replaceWith(button);
  button.addEventListener("click", () => {
    const shown = password.type === "password";
    password.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
}
