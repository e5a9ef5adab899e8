"""What the typical experiences add to the portal."""

from plugins.sdk import MenuItem

menu = [MenuItem("典型经验", "experiences:cases", label_en="Typical cases", order=50)]
