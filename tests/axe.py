"""Runs axe over a page; the colours of one kind of text are compared once.

Seven eighths of a scan went into comparing the colours of texts that look alike: each row of each table. Here a text
is told by the chain of elements it stands in, with all their attributes but those that name or address something. No
page has a style of its own (the CSP forbids it) and no rule of colour counts siblings (test_design_system.py), so
texts of one chain wear the same colours on a screen of one size.

Axe is half a megabyte. To send it to each page anew took a sixth of the scan, so a browser's context carries it: every
page is born with a function that nobody calls before the scan, and what it compiled serves the page after.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import BrowserContext, Page

_FIRST = "data-first-of-its-kind"

_CARRIED = f"""
window.beginAxe = () => {{
{AXE_SCRIPT}
    axe.configure({{ rules: [{{ id: "color-contrast", selector: "[{_FIRST}]" }}] }})
}}
"""

_RUN = """
async () => {
    beginAxe()
    const { violations } = await axe.run({ resultTypes: ['violations'] })
    return { violations }
}
"""

_MARK = """
([mark, known]) => {
    const NAMES = new Set([
        'id', 'href', 'for', 'name', 'value', 'title', 'action', 'alt', 'datetime',
        'd', 'x', 'y', 'points', 'transform',
        'aria-label', 'aria-labelledby', 'aria-describedby', 'aria-controls',
    ])
    const hashed = text => {
        let a = 0xdeadbeef, b = 0x41c6ce57
        for (let i = 0; i < text.length; i++) {
            const code = text.charCodeAt(i)
            a = Math.imul(a ^ code, 2654435761)
            b = Math.imul(b ^ code, 1597334677)
        }
        return (a >>> 0).toString(36) + (b >>> 0).toString(36)
    }
    const chains = new Map()
    const chain = element => {
        if (!element) return ''
        if (!chains.has(element)) {
            const worn = [...element.attributes].filter(each => !NAMES.has(each.name))
            const words = worn.map(each => `${each.name}=${each.value}`).sort().join(' ')
            chains.set(element, hashed(`${chain(element.parentElement)} ${element.tagName} ${words}`))
        }
        return chains.get(element)
    }
    const says = element => element.matches('input, select, textarea, button')
        || [...element.childNodes].some(each => each.nodeType === Node.TEXT_NODE && each.data.trim())
    const seen = new Set(known)
    const found = []
    for (const element of document.querySelectorAll('body *')) {
        if (!says(element) || seen.has(chain(element))) continue
        seen.add(chain(element))
        found.push([element, chain(element)])
    }
    for (const [element] of found) element.setAttribute(mark, '')
    return found.map(([, name]) => name)
}
"""


def carry(context: BrowserContext) -> None:
    """Let every page that is opened in a context from now on know how to begin axe."""
    context.add_init_script(_CARRIED)


@dataclass
class Scanner:
    """Scans the pages of a screen of one size, whose context carries axe.

    Attributes:
        compared: kinds of text whose colours were compared on an earlier page.
    """

    compared: set[str] = field(default_factory=set)

    def faults(self, page: Page) -> str:
        """Say what axe objects to on a page; nothing where it is content."""
        self.compared.update(page.evaluate(_MARK, [_FIRST, sorted(self.compared)]))
        found = AxeResults(page.evaluate(_RUN))
        return str(found.generate_report()) if found.violations_count else ""
