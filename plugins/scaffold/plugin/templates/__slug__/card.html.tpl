{% load i18n %}
{% if notes %}
  <ul class="lines">
    {% for note in notes %}
      <li>
        <a href="{% url '__slug__:note' note.uid %}">{{ note.title }}</a>
        <time datetime="{{ note.shown_on|date:'Y-m-d' }}">{{ note.shown_on|date:"MONTH_DAY_FORMAT" }}</time>
      </li>
    {% endfor %}
  </ul>
{% else %}
  <p class="meta">{% translate "现在没有通知" %}</p>
{% endif %}
{% if finished %}
  <p class="meta">{% blocktranslate trimmed with count=finished %}您学完了 {{ count }} 门课程{% endblocktranslate %}</p>
{% endif %}
