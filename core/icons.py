"""The house's icons: outlines on a 16-unit grid, drawn in the colour of the text beside them.

An icon never stands for a word: it is hidden from screen readers unless it is given a label.
"""

from typing import Final

ICONS: Final[dict[str, str]] = {
    "back": '<path d="M10 3.4L5.4 8l4.6 4.6"/>',
    "bell": '<path d="M3.4 11.6h9.2c-.9-1-1.2-2-1.2-4.4C11.4 4.6 10 3 8 3S4.6 4.6 4.6 7.2c0 2.4-.3 3.4-1.2 4.4z'
    'M6.6 13.6c.7.6 2.1.6 2.8 0M8 3V1.6"/>',
    "calendar": '<rect x="2.2" y="3.2" width="11.6" height="10.6" rx="1"/>'
    '<path d="M2.2 6.6h11.6M5.2 1.6v3M10.8 1.6v3"/>',
    "check": '<path d="M3 8.6l3.2 3.2L13 4.8"/>',
    "chevron": '<path d="M6 3.4L10.6 8 6 12.6"/>',
    "clock": '<circle cx="8" cy="8" r="6.2"/><path d="M8 4.4V8l2.4 1.6"/>',
    "document": '<path d="M4 1.8h5.2L12.5 5v9.2H4z"/><path d="M9 1.8V5.2h3.5M6 8.4h4.4M6 11h4.4"/>',
    "download": '<path d="M8 2v8M4.6 6.8L8 10.2l3.4-3.4M2.6 13.6h10.8"/>',
    "eye": '<path d="M1.6 8S4 3.6 8 3.6 14.4 8 14.4 8 12 12.4 8 12.4 1.6 8 1.6 8z"/><circle cx="8" cy="8" r="2"/>',
    "flag": '<path d="M3.6 14.4V2.2h8.8l-2 3.2 2 3.2H3.6"/>',
    "inbox": '<path d="M2 9.4L4 3h8l2 6.4V13H2z"/><path d="M2 9.4h3.6c.2 1.2 1.2 1.8 2.4 1.8s2.2-.6 2.4-1.8H14"/>',
    "link": '<path d="M6.8 9.2a2.6 2.6 0 0 0 3.8 0l2.4-2.4A2.7 2.7 0 0 0 9.2 3L8.4 3.8"/>'
    '<path d="M9.2 6.8a2.6 2.6 0 0 0-3.8 0L3 9.2A2.7 2.7 0 0 0 6.8 13l.8-.8"/>',
    "lock": '<rect x="3" y="7" width="10" height="6.5" rx="1"/><path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2"/>',
    "menu": '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
    "minus-circle": '<circle cx="8" cy="8" r="6"/><path d="M5.2 8h5.6"/>',
    "pause": '<circle cx="8" cy="8" r="6.2"/><path d="M6.4 5.6v4.8M9.6 5.6v4.8"/>',
    "pencil": '<path d="M2.6 13.4l.7-3.2 7.4-7.4 2.5 2.5-7.4 7.4z"/>',
    "people": '<circle cx="6" cy="5.6" r="2.4"/><path d="M1.6 13.4c.4-2.7 2.1-4 4.4-4s4 1.3 4.4 4'
    'M10.6 3.4a2.4 2.4 0 0 1 0 4.4M12 9.8c1.4.5 2.2 1.7 2.4 3.6"/>',
    "printer": '<path d="M4.4 6V2h7.2v4M4.4 11.6H2.2V6h11.6v5.6h-2.2"/><path d="M4.4 9.4h7.2V14H4.4z"/>',
    "scale": '<path d="M8 2v12M4.5 14h7M2.8 4.2h10.4'
    'M4 4.2L1.8 9a2.3 2.3 0 0 0 4.4 0zM12 4.2L9.8 9a2.3 2.3 0 0 0 4.4 0z"/>',
    "search": '<circle cx="7" cy="7" r="4.6"/><path d="M10.6 10.6L14 14"/>',
    "send": '<path d="M2 7.6L14 2.4 10.2 14 7.6 9.2z"/><path d="M7.6 9.2L14 2.4"/>',
    "shield-check": '<path d="M8 1.8l5.2 1.8v4c0 3-2 5.3-5.2 6.6C4.8 12.9 2.8 10.6 2.8 7.6v-4z"/>'
    '<path d="M5.6 8l1.8 1.8 3.2-3.4"/>',
    "up": '<path d="M8 13.5V3M4 7l4-4 4 4"/>',
    "upload": '<path d="M8 10.4V2.4M4.6 5.8L8 2.4l3.4 3.4M2.6 13.6h10.8"/>',
    "user": '<circle cx="8" cy="5.4" r="2.8"/><path d="M2.6 14c.6-3 2.7-4.4 5.4-4.4s4.8 1.4 5.4 4.4"/>',
    "video": '<rect x="1.6" y="4" width="8.8" height="8" rx="1"/><path d="M10.4 7.2l4-2v5.6l-4-2"/>',
    "warn": '<path d="M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4z"/><path d="M8 4.8v3.8M8 11.1v.1"/>',
}
